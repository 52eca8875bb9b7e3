#include "scene/figures.h"

#include <algorithm>
#include <iterator>

namespace turbo::scene {

namespace {

// Puts a figure under the world's light.
void light(std::vector<Family>& families, const Palette& palette) {
  const Color k = palette.lit({200, 200, 200});
  for (Family& family : families)
    for (Sprite& sprite : family.sprites)
      for (Bitmap& level : sprite.levels)
        for (std::size_t i = 0; i < level.bgra.size(); i += 4) {
          const int top = level.bgra[i + 3];  // premultiplied: no channel above the opacity
          level.bgra[i] = std::uint8_t(std::min(top, level.bgra[i] * k.b / 200));
          level.bgra[i + 1] = std::uint8_t(std::min(top, level.bgra[i + 1] * k.g / 200));
          level.bgra[i + 2] = std::uint8_t(std::min(top, level.bgra[i + 2] * k.r / 200));
        }
}

}  // namespace

Figures paint_figures(std::uint64_t seed, const Palette& palette) {
  Figures f;
  Dice dice(seed, 101);
  const Color paints[] = {{40, 40, 175}, {150, 80, 30},   {225, 225, 225}, {45, 45, 48},  {135, 135, 138},
                          {60, 95, 50},  {190, 195, 200}, {35, 120, 190},  {120, 70, 90}, {90, 60, 40}};
  for (int i = 0; i < int(std::size(paints)); ++i)
    f.cars.push_back(paint_car(i % 3, scaled(paints[i], dice.uniform(0.85, 1.15))));
  f.large_vehicles.push_back(paint_large_vehicle(0, {215, 215, 210}));
  f.large_vehicles.push_back(paint_large_vehicle(0, {40, 150, 215}));
  f.large_vehicles.push_back(paint_large_vehicle(1, {50, 60, 180}));
  f.large_vehicles.push_back(paint_large_vehicle(2, {160, 110, 40}));
  for (int i = 0; i < 14; ++i) f.people.push_back(paint_person(dice));
  for (int i = 0; i < 5; ++i) f.cyclists.push_back(paint_cyclist(dice, true));
  for (int i = 0; i < 2; ++i) f.parked_bicycles.push_back(paint_cyclist(dice, false));
  for (int i = 0; i < 6; ++i) f.signs.push_back(paint_sign(i));
  for (int i = 0; i < 8; ++i) f.adverts.push_back(paint_advert(dice));
  for (int i = 0; i < 6; ++i) f.trees.push_back(paint_tree(dice));
  f.street_lights.push_back(paint_street_light());
  f.sign_posts.push_back(paint_sign_post(2.1));
  for (int i = 0; i < 8; ++i) f.small_lookalikes.push_back(paint_small_lookalike(i, dice));
  f.boxes.push_back(paint_container(0, {60, 110, 50}));
  f.boxes.push_back(paint_container(0, {60, 60, 150}));
  f.boxes.push_back(paint_container(1, {70, 120, 160}));
  for (auto* families :
       {&f.cars, &f.large_vehicles, &f.people, &f.cyclists, &f.signs, &f.sign_posts, &f.trees,
        &f.street_lights, &f.small_lookalikes, &f.adverts, &f.boxes, &f.parked_bicycles})
    light(*families, palette);
  return f;
}

}  // namespace turbo::scene
