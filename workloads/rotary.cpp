// SPDX-License-Identifier: Apache-2.0
#include "workloads/rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace assay {
namespace {

using Kind = RotaryConfig::Kind;

std::vector<double> plain_frequencies(double theta, std::int64_t dim) {
  std::vector<double> frequencies;
  for (std::int64_t i = 0; i < dim; i += 2)
    frequencies.push_back(std::pow(theta, -static_cast<double>(i) / static_cast<double>(dim)));
  return frequencies;
}

/// NTK-aware scaling by raising theta (transformers' "dynamic"): only past the trained length.
double dynamic_theta(const RotaryConfig& c, std::int64_t length) {
  const double trained = static_cast<double>(c.max_positions), dim = static_cast<double>(c.head_dim);
  const double stretch = c.factor * std::max(static_cast<double>(length), trained) / trained - (c.factor - 1);
  return c.theta * std::pow(stretch, dim / (dim - 2));
}

/// Llama 3.1: slow pairs are slowed down by `factor`, fast ones left alone, those between blended.
void scale_llama3(const RotaryConfig& c, std::vector<double>& frequencies) {
  const double trained = static_cast<double>(c.original_positions);
  for (double& frequency : frequencies) {
    const double wavelength = 2 * std::numbers::pi / frequency;  // in tokens
    if (wavelength < trained / c.high_freq_factor) continue;
    if (wavelength > trained / c.low_freq_factor) {
      frequency /= c.factor;
      continue;
    }
    const double blend =
        (trained / wavelength - c.low_freq_factor) / (c.high_freq_factor - c.low_freq_factor);
    frequency = (1 - blend) * frequency / c.factor + blend * frequency;
  }
}

/// YaRN (Peng et al., arXiv 2309.00071), "NTK-by-parts": a ramp over the pairs from extrapolated to
/// interpolated.
void scale_yarn(const RotaryConfig& c, std::vector<double>& frequencies) {
  const double dim = static_cast<double>(c.head_dim), trained = static_cast<double>(c.original_positions);
  // The pair (counted as a dimension) that turns `rotations` times over the trained length.
  const auto dimension_of = [&](double rotations) {
    return dim * std::log(trained / (rotations * 2 * std::numbers::pi)) / (2 * std::log(c.theta));
  };
  double low = dimension_of(c.beta_fast), high = dimension_of(c.beta_slow);
  if (c.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dim - 1);
  if (low == high) high += 0.001;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double interpolated = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    frequencies[i] *= interpolated / c.factor + (1 - interpolated);
  }
}

}  // namespace

double yarn_mscale(double factor, double mscale) {
  return factor <= 1 ? 1 : 0.1 * mscale * std::log(factor) + 1;
}

std::vector<double> inverse_frequencies(const RotaryConfig& c, std::int64_t length) {
  const double theta = c.kind == Kind::dynamic ? dynamic_theta(c, length) : c.theta;
  std::vector<double> frequencies = plain_frequencies(theta, c.head_dim);
  if (c.kind == Kind::linear)
    for (double& frequency : frequencies) frequency /= c.factor;
  if (c.kind == Kind::llama3) scale_llama3(c, frequencies);
  if (c.kind == Kind::yarn) scale_yarn(c, frequencies);
  if (c.kind == Kind::longrope) {  // Ding et al., arXiv 2402.13753: searched factors, a pair each
    const auto& factors = length > c.original_positions ? c.long_factors : c.short_factors;
    for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= factors[i];
  }
  return frequencies;
}

double attention_factor(const RotaryConfig& c) {
  if (c.kind != Kind::yarn && c.kind != Kind::longrope) return 1;
  if (c.attention_factor) return *c.attention_factor;
  if (c.kind == Kind::longrope)
    return c.factor <= 1
               ? 1
               : std::sqrt(1 + std::log(c.factor) / std::log(static_cast<double>(c.original_positions)));
  if (c.mscale.value_or(0) != 0 && c.mscale_all_dim.value_or(0) != 0)
    return yarn_mscale(c.factor, *c.mscale) / yarn_mscale(c.factor, *c.mscale_all_dim);
  return yarn_mscale(c.factor, 1);
}

std::vector<float> rotary_table(const RotaryConfig& config, std::int64_t prompt_tokens,
                                std::int64_t positions) {
  const bool by_length = config.kind == Kind::dynamic || config.kind == Kind::longrope;
  const double scale = attention_factor(config);
  std::vector<double> frequencies = inverse_frequencies(config, prompt_tokens);
  std::vector<float> table;
  table.reserve(static_cast<std::size_t>(positions * config.head_dim));
  for (std::int64_t position = 0; position < positions; ++position) {
    if (by_length && position >= prompt_tokens) frequencies = inverse_frequencies(config, position + 1);
    for (const double frequency : frequencies) {
      const double angle = static_cast<double>(position) * frequency;
      table.push_back(static_cast<float>(std::cos(angle) * scale));
      table.push_back(static_cast<float>(std::sin(angle) * scale));
    }
  }
  return table;
}

}  // namespace assay
