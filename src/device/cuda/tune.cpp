// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/tune.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "device/cuda/cuda_device.h"

namespace assay {
namespace {

constexpr double kUnusable = std::numeric_limits<double>::infinity();
constexpr std::int64_t kRoomLeft = std::int64_t{256}
                                   << 20;  // bytes: what the driver and code loading may take

/// Random inputs and room for the outputs of one op.
struct Tensors {
  Tensors(CudaDevice& device, const Op& op) {
    for (const TensorSpec& spec : op.inputs()) {
      in.push_back(add(device, spec.bytes()));
      device.fill(in.back(), spec, random_key(1, spec.name));
    }
    for (const TensorSpec& spec : op.outputs())
      out.push_back(spec.aliases_input ? in[*spec.aliases_input] : add(device, spec.bytes()));
  }
  Buffer add(CudaDevice& device, std::int64_t bytes) {
    memory.push_back(device.allocate(bytes));
    return memory.back()->buffer();
  }
  std::vector<std::unique_ptr<Memory>> memory;
  std::vector<Buffer> in, out;
};

bool fits(CudaDevice& device, const Op& op) {
  const auto inputs = op.inputs(), outputs = op.outputs();
  const double bytes = bytes_of(inputs) + bytes_of(outputs);
  return bytes + static_cast<double>(kRoomLeft) < static_cast<double>(device.free_bytes());
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The flush before each repetition also keeps the device busy while the host enqueues the work after it.
double median_seconds(CudaDevice& device, int repetitions, const std::function<void(Stream&)>& work) {
  const auto marks = device.marks(2);
  std::vector<double> seconds;
  for (int i = 0; i < repetitions; ++i) {
    Stream& stream = device.stream();
    device.flush_cache();
    marks->record(0, stream);
    work(stream);
    marks->record(1, stream);
    device.synchronize();
    seconds.push_back(marks->seconds(0, 1));
  }
  return median(std::move(seconds));
}

}  // namespace

std::size_t fastest_way(CudaDevice& device, const Op& op, std::string_view kernel, std::size_t ways,
                        const std::function<void(std::size_t, Stream&, Buffers, Buffers)>& run) {
  constexpr int kFirstRepetitions = 2, kLastRepetitions = 7;
  constexpr double kWorthAnotherLook = 1.25;  // times the fastest of the first round
  if (ways <= 1) return 0;
  const std::string key = std::string(kernel) + " " + std::string(op.kind()) + " " + op.shape();
  if (const auto known = device.tuned().find(key); known != device.tuned().end()) return known->second;
  if (!fits(device, op)) return 0;

  Tensors tensors(device, op);
  const auto seconds_of = [&](std::size_t way, int repetitions) {
    try {
      run(way, device.stream(), tensors.in, tensors.out);  // loads its code
      return median_seconds(device, repetitions, [&](Stream& s) { run(way, s, tensors.in, tensors.out); });
    } catch (const Error&) {
      device.synchronize();  // throws again where the device itself is lost
      return kUnusable;
    }
  };
  std::vector<double> first(ways), last(ways, kUnusable);
  for (std::size_t way = 0; way < ways; ++way) first[way] = seconds_of(way, kFirstRepetitions);
  const double limit = *std::min_element(first.begin(), first.end()) * kWorthAnotherLook;
  if (limit == kUnusable)
    throw Unsupported(std::string(kernel) + ": no way of " + std::to_string(ways) + " runs");
  for (std::size_t way = 0; way < ways; ++way)
    if (first[way] <= limit) last[way] = seconds_of(way, kLastRepetitions);
  const auto best = static_cast<std::size_t>(std::min_element(last.begin(), last.end()) - last.begin());
  device.tuned()[key] = best;
  return best;
}

}  // namespace assay
