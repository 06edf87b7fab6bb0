// SPDX-License-Identifier: Apache-2.0
// The pictures of a report. They are given figures and texts and only place them: scaling is the one
// arithmetic here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyse/comparison.h"

namespace assay {

/// One horizontal bar a case and device, with the 95 % interval as a whisker and a mark at the ceiling.
struct BarChart {
  struct Bar {
    std::string label;       // bars of one label stand together
    std::size_t series = 0;  // a device
    double value = 0;
    std::optional<double> low, high, ceiling;
    std::string text;  // the value as people read it
  };
  std::string id, title, description;
  std::string unit;  // of the axis
  std::vector<std::string> series;
  std::vector<Bar> bars;
};
std::string svg(const BarChart& chart);

/// Ops by arithmetic intensity and achieved FLOP/s under the roofs of their device, both axes logarithmic.
struct RooflineChart {
  struct Roof {
    std::string label;
    double flops_per_s = 0, bytes_per_s = 0;
    bool measured = false;              // solid; else dashed
    std::optional<std::size_t> series;  // whose it is, where each has its own: drawn in its colour
  };
  struct Point {
    std::string label;
    std::size_t series = 0;  // a stage
    double intensity = 0, flops_per_s = 0;
    double weight = 0;  // share of the stage's time: the size of the point
  };
  std::string id, title, description;
  std::vector<std::string> series;
  std::vector<Roof> roofs;
  std::vector<Point> points;
};
std::string svg(const RooflineChart& chart);

/// Ratios with their intervals on a logarithmic axis, a row a figure; narrow enough for a telephone.
struct ForestChart {
  struct Row {
    std::string label, detail;               // the case, and which figure of it
    Verdict verdict = Verdict::cannot_tell;  // its shape and colour
    double ratio = 1;
    std::optional<double> low, high;
    std::string text;  // ratio and interval as people read them
  };
  std::string id, title, description;
  std::string better, worse;  // what lies to the right of 1, and to the left
  double margin = 0;          // the band from 1 / (1 + margin) to 1 + margin is shaded
  std::string margin_text;
  std::vector<Row> rows;
};
std::string svg(const ForestChart& chart);

/// One bar of full width a stage, cut into the shares of its ops.
struct StackChart {
  struct Piece {
    std::string label;
    double share = 0;  // of 1
    std::string text;  // the share as people read it
    bool other = false;
  };
  struct Row {
    std::string label;
    std::vector<Piece> pieces;
  };
  std::string id, title, description;
  std::vector<Row> rows;
};
std::string svg(const StackChart& chart);

/// Raw draws on a common axis, a row a system or case: what its median and interval are made of.
struct DrawsChart {
  struct Draw {
    double value = 0;
    std::size_t block = 0;  // those of odd ones are lighter, and square: what hangs together is seen
    std::string text;       // "5.21 ms, block 3"
  };
  struct Row {
    std::string label;
    std::size_t series = 0;  // a device
    std::vector<Draw> draws;
    std::optional<double> median, low, high, p90, p99;
    std::string text;  // median and interval as people read them
  };
  /// A row of more draws shows every second, third ... of them, and says so.
  static constexpr std::size_t kMostDraws = 300;

  std::string id, title, description;
  std::string unit;  // of the axis
  std::optional<double> limit;
  std::string limit_text;
  std::vector<Row> rows;
};
std::string svg(const DrawsChart& chart);

/// What one more unit of throughput costs in latency: a line of points a system, from load to load.
struct CurveChart {
  struct Point {
    double x = 0, y = 0;
    std::optional<double> x_low, x_high, y_low, y_high;  // 95 % intervals
    std::string label;                                   // its load: "batch=8"
    std::string text;                                    // both figures as people read them
    bool within = true;                                  // the limit; else it is hollow
  };
  struct Series {
    std::string name;
    std::vector<Point> points;  // in the order in which they are joined
  };
  std::string id, title, description;
  std::string x_title, y_title, x_unit, y_unit;
  bool logarithmic = false;     // both axes; else they begin at 0
  std::optional<double> limit;  // of y
  std::string limit_text;
  std::vector<Series> series;
};
std::string svg(const CurveChart& chart);

/// A picture with frames around what was found in it.
struct PictureChart {
  struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;  // in the picture's pixels
    std::string text;
    std::size_t series = 0;  // of which class, for its colour
  };
  std::string id, title, description;
  std::string jpeg_base64;
  double width = 0, height = 0;
  std::vector<Box> boxes;
};
std::string svg(const PictureChart& chart);

}  // namespace assay
