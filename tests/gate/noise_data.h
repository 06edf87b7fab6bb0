// SPDX-License-Identifier: Apache-2.0
// Real results that differ in nothing, as tests/data/noise/pack.py packed them.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "result/result.h"

namespace assay::gate_test {

inline constexpr double kPackedUnit = 1e-7;  // seconds

inline std::vector<double> packed_draws(const std::string& block) {
  std::vector<double> draws;
  std::istringstream in(block);
  for (std::string draw; std::getline(in, draw, ',');) draws.push_back(kPackedUnit * std::stod(draw));
  return draws;
}

/// "CASE METRIC SERIES | BLOCK ... | ..."
inline void add_packed(Result& result, const std::string& line) {
  std::istringstream in(line);
  std::string id, metric, of;
  in >> id >> metric >> of;
  if (result.cases.empty() || result.cases.back().id != id) {
    CaseResult one;
    one.id = id;
    one.device = "cpu";
    result.cases.push_back(one);
  }
  SeriesResult series;
  series.unit = "s";
  for (std::string word; in >> word;) {
    if (word == "|") {
      series.sessions.push_back(0);
      continue;
    }
    series.blocks.push_back(packed_draws(word));
    ++series.sessions.back();
  }
  MetricResult figure;
  figure.unit = "s";
  figure.of = of;
  result.cases.back().metrics[metric] = figure;
  result.cases.back().series[of] = std::move(series);
}

inline std::vector<Result> read_packed(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + " cannot be read");
  std::vector<Result> results;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (!line.starts_with("run ")) {
      add_packed(results.back(), line);
      continue;
    }
    std::istringstream in(line);
    std::string word, condition, id;
    Result result;
    in >> word >> condition >> result.started_at;
    result.status = RunStatus::complete;
    DeviceResult device;
    device.id = "cpu";
    device.name = "recorded";
    result.devices.push_back(device);
    if (in >> id) {
      Interleaving turns{.id = id};
      in >> turns.side;
      for (std::string block; in >> block;) turns.blocks.push_back(block);
      result.interleaving = turns;
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace assay::gate_test
