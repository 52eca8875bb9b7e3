#include <opencv2/imgproc.hpp>

#include "scene/figures.h"
#include "scene/turntable.h"

namespace turbo::scene {
namespace {

using Polygon = std::vector<cv::Point>;

cv::Scalar paint(Color c) { return {double(c.b), double(c.g), double(c.r), 255}; }

// A plate of `side` metres painted on a canvas of 256; its middle hangs at `height`.
struct Plate {
  cv::Mat canvas = cv::Mat(256, 256, CV_8UC4, cv::Scalar(0, 0, 0, 0));
  Sprite finish(double side) const {
    cv::Mat small;
    cv::resize(canvas, small, {128, 128}, 0, 0, cv::INTER_AREA);
    Bitmap b{128, 128, std::vector<std::uint8_t>(128 * 128 * 4)};
    small.copyTo(cv::Mat(128, 128, CV_8UC4, b.bgra.data()));
    return Sprite::from(b, 128 / side, 64, 127);
  }
};

Polygon regular(int corners, double radius, double turn) {
  Polygon p;
  for (int i = 0; i < corners; ++i) {
    const double a = turn + i * 2 * CV_PI / corners;
    p.push_back({int(128 + radius * std::cos(a)), int(128 + radius * std::sin(a))});
  }
  return p;
}

void fill(cv::Mat& m, const Polygon& p, Color c) {
  cv::fillPoly(m, std::vector<Polygon>{p}, paint(c), cv::LINE_AA);
}

void letters(cv::Mat& m, const char* text, double size, int x, int y, Color c, int thick) {
  cv::putText(m, text, {x, y}, cv::FONT_HERSHEY_SIMPLEX, size, paint(c), thick, cv::LINE_AA);
}

}  // namespace

Family paint_sign(int design) {
  const Color red{40, 30, 195}, white{235, 235, 235}, blue{170, 85, 20}, yellow{30, 190, 240},
      black{25, 25, 25}, grey{140, 140, 145};
  Plate front, back;
  cv::Mat& m = front.canvas;
  Polygon outline = regular(40, 124, 0);
  switch (design) {
    case 0:  // stop
      outline = regular(8, 126, CV_PI / 8);
      fill(m, outline, white), fill(m, regular(8, 116, CV_PI / 8), red),
          letters(m, "STOP", 2.1, 45, 150, white, 9);
      break;
    case 1:  // give way
      outline = regular(3, 126, CV_PI / 2);
      fill(m, outline, red), fill(m, regular(3, 76, CV_PI / 2), white);
      break;
    case 2:  // limit
      fill(m, outline, red), fill(m, regular(40, 94, 0), white), letters(m, "50", 3.2, 70, 165, black, 14);
      break;
    case 3:  // mandatory
      fill(m, outline, white), fill(m, regular(40, 116, 0), blue),
          cv::arrowedLine(m, {128, 205}, {128, 55}, paint(white), 22, cv::LINE_AA, 0, .4);
      break;
    case 4:  // danger
      outline = regular(4, 126, 0);
      fill(m, outline, black), fill(m, regular(4, 114, 0), yellow), letters(m, "!", 4.0, 95, 170, black, 18);
      break;
    default:  // no entry
      fill(m, outline, white), fill(m, regular(40, 118, 0), red),
          cv::rectangle(m, {55, 108}, {200, 148}, paint(white), cv::FILLED);
  }
  fill(back.canvas, outline, grey);
  cv::line(back.canvas, {128, 20}, {128, 236}, paint({95, 95, 100}), 14);
  const double side = design == 2 || design == 3 ? .7 : .85;
  return {.label = int(ObjectClass::kSign),
          .flat = true,
          .base = 2.0,
          .sprites = {front.finish(side), back.finish(side)}};
}

// Boards that are no signs: shop and advertising plates in the signs' colours and size.
Family paint_advert(Dice& dice) {
  const Color colors[] = {{40, 30, 195},  {235, 235, 235}, {170, 85, 20},
                          {30, 190, 240}, {60, 150, 60},   {120, 60, 150}};
  Plate front, back;
  cv::Mat& m = front.canvas;
  const Color ground = colors[dice.below(6)], ink = colors[dice.below(6)];
  const bool round = dice.chance(.3), tall = dice.chance(.5);
  const cv::Rect board = tall ? cv::Rect(50, 4, 156, 248) : cv::Rect(4, 50, 248, 156);
  if (round) {
    cv::ellipse(m, {128, 128}, {120, 120}, 0, 0, 360, paint(ground), cv::FILLED, cv::LINE_AA);
    cv::ellipse(m, {128, 128}, {120, 120}, 0, 0, 360, paint(scaled(ground, .6)), 6, cv::LINE_AA);
  } else {
    cv::rectangle(m, board, paint(ground), cv::FILLED);
    cv::rectangle(m, board, paint(scaled(ground, .6)), 8);
  }
  const char* words[] = {"BAR", "TAXI", "CAFE", "SALE", "24h", "HOTEL"};
  letters(m, words[dice.below(6)], tall ? 1.6 : 2.2, tall ? 62 : 40, 120, scaled(ink, .7), 10);
  cv::circle(m, {90 + dice.below(70), 170}, 20 + dice.below(15), paint(ink), cv::FILLED, cv::LINE_AA);
  cv::rectangle(back.canvas, board, paint({120, 120, 120}), cv::FILLED);
  const double side = dice.uniform(.7, 1.5);
  return {.flat = true, .base = dice.uniform(2.0, 2.6), .sprites = {front.finish(side), back.finish(side)}};
}

Family paint_tree(Dice& dice) {
  Turntable t(44, 0, 3.2, 8.5);
  const double top = dice.uniform(5.2, 7.2), spread = dice.uniform(1.6, 2.4);
  const Color leaf{30 + dice.below(30), 85 + dice.below(45), 45 + dice.below(45)}, bark{50, 65, 85};
  t.limb({0, 0, 0}, {dice.uniform(-.15, .15), top * .6, 0}, .16, bark);
  for (int i = 0; i < 5; ++i)
    t.limb({0, top * .35, 0}, {dice.uniform(-1, 1) * spread * .7, top * dice.uniform(.5, .8), 0}, .06, bark);
  const int tufts = 420;
  for (int i = 0; i < tufts; ++i) {  // dark and low first, light and high last
    const double k = double(i) / tufts, a = dice.uniform(0, 6.283), r = std::sqrt(dice.uniform()) * spread;
    const double x = r * std::cos(a), y = top * .7 + r * std::sin(a) * .75 + (k - .5) * .6;
    const double light = .55 + .5 * k + .15 * (y / top - .7) - .08 * x / spread + dice.uniform(-.08, .08);
    t.ball({x, y, 1 - k}, dice.uniform(.1, .3) * (1.15 - .5 * k), scaled(leaf, light), 0);
  }
  return {.sprites = {t.finish()}};
}

Family paint_street_light() {
  Turntable t(36, 0, 1.6, 7.4);
  const Color grey{95, 95, 92};
  t.limb({0, 0, 0}, {0, 7, 0}, .07, grey);
  t.limb({0, 0, 0}, {0, 1, 0}, .11, scaled(grey, .8));
  t.limb({0, 7, 0}, {-1.3, 7.2, 0}, .05, grey);
  t.limb({-.8, 7.15, 0}, {-1.4, 7.2, 0}, .1, {170, 190, 200});
  return {.sprites = {t.finish()}};
}

Family paint_sign_post(double height) {
  Turntable t(64, 0, .3, height + 1);
  t.limb({0, 0, 0}, {0, height + .6, 0}, .03, {130, 130, 135});
  return {.sprites = {t.finish()}};
}

// As large as a person, and none.
Family paint_small_lookalike(int design, Dice& dice) {
  Turntable t(90, 0, .6, 2.4);
  const Color paints[] = {{40, 40, 180}, {160, 90, 30}, {50, 100, 50}, {40, 180, 220}, {70, 70, 75}};
  const Color c = paints[dice.below(5)];
  auto tub = [&](double half, double low, double high, Color color) {
    t.board({-half, low, 0}, {half, high, 0}, color);
    t.board({-half, low, -.01}, {-half * .5, high, -.01}, scaled(color, 1.25));
    t.board({half * .6, low, -.01}, {half, high, -.01}, scaled(color, .75));
  };
  switch (design) {
    case 0:
      tub(.25, .0, 1.05, c), t.board({-.3, 1.0, -.1}, {.3, 1.1, -.1}, scaled(c, .6));
      break;  // dustbin
    case 1:
      tub(.24, .65, 1.35, c), t.limb({0, 0, 0}, {0, .65, 0}, .06, {80, 80, 80}),
          t.ball({0, 1.35, .1}, .24, c);
      break;  // mailbox
    case 2:
      t.limb({0, 0, 0}, {0, .75, 0}, .11, {40, 45, 190}), t.ball({0, .8, 0}, .14, {40, 45, 190});
      break;  // hydrant
    case 3:
      t.limb({0, 0, 0}, {0, 1.0, 0}, .09, c), t.limb({0, .8, -.1}, {0, .86, -.1}, .095, {230, 230, 230});
      break;  // bollard
    case 4:   // column
      tub(.35, 0, 2.0, {150, 160, 165}), tub(.33, .4, 1.7, c), t.ball({0, 2.05, .1}, .3, {90, 90, 95});
      break;
    case 5:  // statue on a plinth
      tub(.3, 0, .6, {140, 145, 150}), t.limb({0, .7, 0}, {0, 1.35, 0}, .15, {120, 125, 125}),
          t.ball({0, 1.62, 0}, .11, {120, 125, 125});
      break;
    case 6:  // parking meter
      t.limb({0, 0, 0}, {0, 1.2, 0}, .04, {90, 90, 90}), t.limb({0, 1.25, -.1}, {0, 1.5, -.1}, .11, c);
      break;
    default:  // young tree in a stake
      t.limb({0, 0, 0}, {0, 1.1, 0}, .04, {60, 80, 100}),
          t.limb({0, 1.2, 0}, {0, 1.6, 0}, .22, {50, 110, 70});
  }
  return {.sprites = {t.finish()}};
}

}  // namespace turbo::scene
