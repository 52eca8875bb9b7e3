#include "lab/experiments/drive_experiment.h"

#include <memory>

#include "evaluation/parallel.h"
#include "lab/experiments/cameras_slo.h"
#include "lab/experiments/variants.h"
#include "scene/dice.h"

namespace turbo::experiments {
namespace {

// What the drives of one link, SLO and scenario have in common.
struct Course {
  const NamedLink* link;
  ScenarioData scenario;
  DriveSettings settings;
  std::unique_ptr<Truth> truth;
  double clairvoyant = 0, link_clairvoyant = 0;
};

constexpr std::uint64_t kSeeds = 1'000'000'007;

std::vector<Course> courses_of(const DriveRequest& request) {
  std::vector<Course> courses;
  std::vector<double> slos_ms = request.slos_ms;
  if (slos_ms.empty()) slos_ms.push_back(0);
  for (const NamedLink& link : request.links)
    for (const double slo_ms : slos_ms)
      for (const ScenarioData& scenario : request.scenarios) {
        Course course{.link = &link, .scenario = scenario};
        if (slo_ms > 0)
          for (auto* services : {&course.scenario.global, &course.scenario.own})
            set_cameras_slo(*services, slo_ms);
        course.settings = {.link = link.link,
                           .duration = link.duration,
                           .staggered = request.staggered,
                           .seed = request.seed};
        // Scenarios drive through different parts of a trace, so that they say more together.
        if (scenario.frames) {
          scene::Dice dice(request.seed, name_number(scenario.name));
          course.settings.seed = dice.next() % kSeeds;
          if (link.link.trace) course.settings.link.trace = rotated(*link.link.trace, dice.uniform());
        }
        course.truth = std::make_unique<Truth>(course.scenario.global, course.scenario.frames,
                                               request.disturbance, course.settings.seed);
        frames_of(*course.truth, course.settings);
        courses.push_back(std::move(course));
      }
  return courses;
}

Planner planner_of(const DriveRequest& request, const Course& course, const DriveRow& row) {
  return Planner(request.planner,
                 make_policy(row.policy, course.scenario, kDriveBegins, course.settings.duration),
                 allocator_named(row.allocator), make_budget(row.budget));
}

}  // namespace

std::vector<DriveRow> run_drives(const DriveRequest& request, unsigned threads, const std::atomic<bool>& stop,
                                 const std::function<void()>& done) {
  std::vector<Course> courses = courses_of(request);
  std::vector<DriveRow> rows;
  std::vector<std::size_t> course_of;
  for (std::size_t c = 0; c < courses.size(); ++c)
    for (const std::string& policy : request.policies)
      for (const std::string& allocator : request.allocators)
        for (const std::string& budget : request.budgets) {
          const Course& course = courses[c];
          rows.push_back({.trace = course.link->link.name,
                          .scenario = course.scenario.name,
                          .policy = policy,
                          .allocator = allocator,
                          .budget = budget,
                          .rtt_ms = course.link->link.rtt_ms,
                          .slo_ms = cameras_slo_ms(course.scenario.global),
                          .services = course.scenario.global.size()});
          course_of.push_back(c);
          planner_of(request, course, rows.back());  // names and data are checked before the long work
        }
  const std::size_t all = courses.size() + rows.size();
  const auto drive_one = [&](std::size_t i) {
    if (i < courses.size()) {
      Course& course = courses[i];
      course.clairvoyant = clairvoyant_utility(course.settings, *course.truth, Foresight::kAll);
      course.link_clairvoyant = course.scenario.frames ? clairvoyant_utility(course.settings, *course.truth,
                                                                             Foresight::kLinkAndCosts)
                                                       : course.clairvoyant;
    } else {
      const std::size_t at = i - courses.size();
      const Course& course = courses[course_of[at]];
      DriveSettings settings = course.settings;
      settings.foreseen = is_foreseen(rows[at].budget);
      rows[at].result = drive(settings, *course.truth, planner_of(request, course, rows[at]));
      done();
    }
  };
  if (!in_parallel(all, threads, drive_one, &stop)) return {};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].clairvoyant = courses[course_of[i]].clairvoyant;
    rows[i].link_clairvoyant = courses[course_of[i]].link_clairvoyant;
  }
  return rows;
}

}  // namespace turbo::experiments
