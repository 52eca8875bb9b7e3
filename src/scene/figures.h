#pragma once
// Every figure of the world, painted once from all sides.

#include <cmath>
#include <numbers>
#include <vector>

#include "core/detection/detection.h"
#include "scene/dice.h"
#include "scene/palette.h"
#include "scene/sprite.h"

namespace turbo::scene {

struct Family {
  int label = -1;               // an ObjectClass; -1: part of the world, not of the truth
  bool flat = false;            // a plate: narrows as it turns away; its second view is its back
  int angles = 1;               // views, evenly around
  int phases = 1;               // of a walk
  double stride = 1;            // metres from a phase to the next
  double base = 0;              // metres above ground where it hangs
  std::vector<Sprite> sprites;  // [phase][angle]

  const Sprite& view(double angle, double walked) const {
    if (flat) return sprites[std::cos(angle) > 0 ? 0 : 1];
    const int a = int(std::lround(angle * angles / (2 * std::numbers::pi)));
    const int p = phases > 1 ? int(std::floor(walked / stride)) : 0;
    return sprites[std::size_t(((p % phases) + phases) % phases * angles + ((a % angles) + angles) % angles)];
  }
};

// What the street is set with; each a list of designs to choose from.
struct Figures {
  std::vector<Family> cars, large_vehicles, people, cyclists, signs, sign_posts, trees, street_lights,
      small_lookalikes, adverts, boxes, parked_bicycles;
};

Figures paint_figures(std::uint64_t seed, const Palette& palette);

Family paint_car(int body, Color color);
Family paint_large_vehicle(int body, Color color);
Family paint_person(Dice& dice);
Family paint_cyclist(Dice& dice, bool with_rider);
Family paint_sign(int design);
Family paint_advert(Dice& dice);
Family paint_tree(Dice& dice);
Family paint_street_light();
Family paint_sign_post(double height);
Family paint_small_lookalike(int design, Dice& dice);
Family paint_container(int design, Color color);

}  // namespace turbo::scene
