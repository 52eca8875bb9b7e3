// turbo-certs: the certificates by which vehicles and cloud know each other.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/certs/authority.h"
#include "lab/certs/listing.h"
#include "lab/command_line/command_line.h"

namespace {

constexpr char kFooter[] = R"(
How it fits together. One authority, a folder on a machine you trust, signs a certificate for the cloud's server and one
for every vehicle; the vehicle's name in it is what the server's log calls it. Both ends hold ca.pem and check each other:
  cloud    turbo-server.pem, turbo-server.key, ca.pem, revoked.pem   (config/quic_config_gcloud.yaml)
  vehicle  car-7.pem, car-7.key, ca.pem                              (config/quic_config_client.yaml)
ca.key signs: it never leaves the authority's folder. A .key is a secret of its owner, a .pem is not.

  turbo-certs authority                    once
  turbo-certs server                       the cloud's certificate, for the name turbo-server
  turbo-certs vehicle car-7                a vehicle's; copy the three files to it
  turbo-certs renew car-7 --days 365       new dates, same name and key
  turbo-certs revoke car-7                 from then on the server refuses it, at once where it reads this revoked.pem
  turbo-certs list --json                  who has one, until when
)";

struct Options {
  std::string folder = ".cache/authority", name, valid_from;
  std::vector<std::string> also;
  int days = 365;
  bool json = false;
};

turbo::Validity validity_of(const Options& options, std::time_t now) {
  return {options.valid_from.empty() ? now : turbo::parse_time(options.valid_from), options.days};
}

void issue(turbo::CertificateRole role, const Options& options, std::time_t now) {
  auto authority = turbo::Authority::open(options.folder);
  authority.issue(role, options.name, options.also, validity_of(options, now));
  std::printf("made %s and %s\n", authority.file(options.name, ".pem").c_str(),
              authority.file(options.name, ".key").c_str());
}

void add_dates(CLI::App* command, Options& options, int days) {
  command
      ->add_option_function<int>(
          "--days", [&options](int wanted) { options.days = wanted; },
          "How long it is valid (" + std::to_string(days) + ")")
      ->check(CLI::Range(1, 36'500));
  command->add_option("--valid-from", options.valid_from, "YYYY-MM-DD[THH:MM:SS], UTC (now)");
  command->preparse_callback([&options, days](std::size_t) { options.days = days; });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Makes, renews, revokes and lists the certificates of cloud and vehicles", "turbo-certs"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("-f,--folder", options.folder, "The authority's folder")->capture_default_str();
  auto* local =
      app.add_subcommand("local", "All that both ends on one machine need, unless it is there and good");
  add_dates(local, options, 3650);
  auto* authority = app.add_subcommand("authority", "Make the authority");
  add_dates(authority, options, 3650);
  auto* server = app.add_subcommand("server", "Make a server's certificate and key");
  server->add_option("name", options.name, "The name that vehicles check (turbo-server)");
  server->add_option("--also", options.also, "More names or addresses of it");
  add_dates(server, options, 3650);
  auto* vehicle = app.add_subcommand("vehicle", "Make a vehicle's certificate and key");
  vehicle->add_option("name", options.name, "The vehicle's name")->required();
  add_dates(vehicle, options, 365);
  auto* renew = app.add_subcommand("renew", "A new certificate of the same name and key");
  renew->add_option("name", options.name, "Whose")->required();
  add_dates(renew, options, 365);
  auto* revoke = app.add_subcommand("revoke", "Declare all certificates of a name void: revoked.pem");
  revoke->add_option("name", options.name, "Whose")->required();
  auto* list = app.add_subcommand("list", "Say who has a certificate, until when, and which are revoked");
  list->add_flag("--json", options.json, "For programs");
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  const std::time_t now = std::time(nullptr);
  try {
    if (*local) {
      for (const std::string& made : turbo::make_local(options.folder, validity_of(options, now)))
        std::printf("made %s/%s\n", options.folder.c_str(), made.c_str());
    } else if (*authority) {
      turbo::Authority::create(options.folder, validity_of(options, now));
      std::printf("made %s/ca.pem and %s/ca.key\n", options.folder.c_str(), options.folder.c_str());
    } else if (*server) {
      if (options.name.empty()) options.name = turbo::kServerName;
      issue(turbo::CertificateRole::kServer, options, now);
    } else if (*vehicle) {
      issue(turbo::CertificateRole::kVehicle, options, now);
    } else if (*renew) {
      turbo::Authority::open(options.folder).renew(options.name, validity_of(options, now));
      std::printf("renewed %s/%s.pem\n", options.folder.c_str(), options.name.c_str());
    } else if (*revoke) {
      auto opened = turbo::Authority::open(options.folder);
      const std::size_t fresh = opened.revoke(options.name, now);
      std::printf("%zu revoked; %s says so\n", fresh, opened.revoked_file().c_str());
    } else {
      const auto issued = turbo::Authority::open(options.folder).list();
      std::fputs((options.json ? listing_json(issued, now) : listing_text(issued, now)).c_str(), stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-certs: %s\n", error.what());
    return 1;
  }
}
