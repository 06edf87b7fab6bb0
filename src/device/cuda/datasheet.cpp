// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/datasheet.h"

#include <array>
#include <optional>

namespace assay {
namespace {

// Dense rates, no sparsity. A field stays empty where sources disagree or only one unchecked source has it.
struct Board {
  std::string_view name;                 // as CUDA gives it, less "NVIDIA "
  std::optional<int> multiprocessors;    // must match where known: partitions and cut-down boards share names
  std::optional<double> f32, tf32, f16, bf16, f8;  // TFLOP/s
  std::optional<double> bytes;           // GB/s
  std::string_view source;
};

constexpr std::nullopt_t kUnknown = std::nullopt;
constexpr std::string_view kEngineering = "NVIDIA datasheet, as collected in stas00/ml-engineering 744d01e";
constexpr std::string_view kBoth =
    "NVIDIA datasheet, as collected in stas00/ml-engineering 744d01e and ai-dynamo/aiconfigurator";
constexpr std::string_view kConfigurator = "NVIDIA datasheet, as collected in ai-dynamo/aiconfigurator";
constexpr std::string_view kSpecification = "published board specification";
constexpr std::string_view kCalm = "NVIDIA datasheet, as collected in zeux/calm";

constexpr std::array kBoards = {
    Board{"A10", 72, 31.2, kUnknown, 125, 125, kUnknown, 600, kSpecification},
    Board{"A100-PCIE-40GB", 108, 19.5, 156, 312, 312, kUnknown, 1555, kEngineering},
    Board{"A100-SXM4-40GB", 108, 19.5, 156, 312, 312, kUnknown, 1555, kEngineering},
    Board{"A100 80GB PCIe", 108, 19.5, 156, 312, 312, kUnknown, 1935, kBoth},
    Board{"A100-SXM4-80GB", 108, 19.5, 156, 312, 312, kUnknown, kUnknown, kEngineering},
    Board{"L4", kUnknown, kUnknown, kUnknown, 121, 121, 242, 300, kConfigurator},
    Board{"L40S", kUnknown, 91.6, 183, 362, 362, 733, 864, kBoth},
    Board{"GeForce RTX 4090", kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, 1008, kCalm},
    Board{"GeForce RTX 5090", 170, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, 1792, kSpecification},
    Board{"RTX PRO 6000 Blackwell Server Edition", 188, kUnknown, kUnknown, 467.8, 467.8, 935.6, kUnknown, kBoth},
    Board{"H100 PCIe", 114, 51, 378, 756, 756, 1513, kUnknown, kEngineering},
    Board{"H100 80GB HBM3", 132, 67, 494.7, 989.4, 989.4, 1978.9, 3352, kBoth},
    Board{"H100 NVL", kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, 3938, kEngineering},
    Board{"H200", 132, 67, 494.7, 989.4, 989.4, 1978.9, 4800, kBoth},
    Board{"H200 NVL", 132, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, 4800, kEngineering},
    Board{"GH200 480GB", 132, 67, 494.7, 989.4, 989.4, 1978.9, 4000, kEngineering},
    Board{"GH200 144G HBM3e", 132, 67, 494.7, 989.4, 989.4, 1978.9, kUnknown, kEngineering},
    Board{"B200", kUnknown, kUnknown, 1125, 2250, 2250, 4500, kUnknown, kEngineering},
    Board{"GB200", kUnknown, 80, 1250, 2500, 2500, 5000, 8000, kEngineering},
    Board{"B300 SXM6 AC", 148, 75, 1125, 2250, 2250, 4500, kUnknown, kBoth},
    Board{"GB300", kUnknown, 80, 1250, 2500, 2500, 5000, 8000, kBoth},
};

Ceiling ceiling_of(std::optional<double> value, double unit, std::string_view source) {
  if (!value) return {};
  return {.datasheet = *value * unit, .measured = {}, .source = std::string(source)};
}

}  // namespace

Peaks datasheet_peaks(std::string_view name, int multiprocessors) {
  constexpr std::string_view kVendor = "NVIDIA ";
  constexpr double kTera = 1e12, kGiga = 1e9;
  if (name.substr(0, kVendor.size()) == kVendor) name.remove_prefix(kVendor.size());
  for (const Board& board : kBoards) {
    if (board.name != name || board.multiprocessors.value_or(multiprocessors) != multiprocessors) continue;
    Peaks peaks;
    peaks.flops_per_s[DType::f32] = ceiling_of(board.f32, kTera, board.source);
    peaks.flops_per_s[DType::tf32] = ceiling_of(board.tf32, kTera, board.source);
    peaks.flops_per_s[DType::f16] = ceiling_of(board.f16, kTera, board.source);
    peaks.flops_per_s[DType::bf16] = ceiling_of(board.bf16, kTera, board.source);
    peaks.flops_per_s[DType::f8e4m3] = ceiling_of(board.f8, kTera, board.source);
    peaks.bytes_per_s = ceiling_of(board.bytes, kGiga, board.source);
    return peaks;
  }
  return {};
}

}  // namespace assay
