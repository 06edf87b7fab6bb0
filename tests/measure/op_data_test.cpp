// SPDX-License-Identifier: Apache-2.0
// Inputs of which the host keeps no copy.
#include "measure/op_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "support/fake_device.h"
#include "support/lambda_kernel.h"

namespace assay::op_data_tests {
namespace {

constexpr std::uint64_t kSeed = 5;

/// y[i, :] = table[ids[i], :]
struct Gather final : Op {
  static constexpr std::int64_t kReads = 64, kRows = 100'000, kWidth = 16;
  std::string_view kind() const override { return "gather"; }
  std::string shape() const override { return ""; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override {
    return {{.name = "ids", .shape = {kReads}, .dtype = DType::i32, .fill = Fill::zipf(kRows, 1.05)},
            {.name = "table", .shape = {kRows, kWidth}, .dtype = DType::bf16, .fill = Fill::normal()}};
  }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "y", .shape = {kReads, kWidth}, .dtype = DType::bf16}};
  }
  Cost cost() const override {
    return {.flops = 0, .bytes = in_memory({.read = 0, .written = 2.0 * kReads * kWidth})};
  }
  std::int64_t units() const override { return kReads; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    for (std::int64_t c = 0; c < kWidth; ++c)
      out.set(0, unit * kWidth + c, in[1][in[0].integer(unit) * kWidth + c]);
  }
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }
};

void gather(Buffers in, Buffers out) {
  const auto ids = in[0].as<std::int32_t>();
  const auto table = in[1].as<std::uint16_t>(), y = out[0].as<std::uint16_t>();
  for (std::size_t i = 0; i < ids.size(); ++i)
    std::ranges::copy(table.subspan(static_cast<std::size_t>(ids[i]) * Gather::kWidth, Gather::kWidth),
                      y.begin() + static_cast<std::ptrdiff_t>(i) * Gather::kWidth);
}

/// A kernel that gathers, and changes an element of the table besides.
LambdaKernel gathers_and_writes(std::int64_t element, std::uint16_t bits) {
  return LambdaKernel([=](Buffers in, Buffers out) {
    gather(in, out);
    in[1].as<std::uint16_t>()[static_cast<std::size_t>(element)] = bits;
  });
}

constexpr OpDataLayout kEvaluated = {.most_copied_bytes = 4096};  // the ids are copied, the table is not

TEST(OpData, VerifiesATableThatFitsOnceAndNotTwice) {
  const auto op = std::make_shared<const Gather>();
  const std::int64_t table = op->inputs()[1].bytes();
  FakeDevice device;
  device.capacity_bytes = table * 3 / 2;  // host and device share it, as on a CPU
  OpData data(op, device, kSeed, kEvaluated);
  LambdaKernel right(gather);
  const KernelCheck check = data.verify(right);
  EXPECT_EQ(check.status, KernelCheck::Status::passed) << check.reason;
  EXPECT_EQ(check.checked, Gather::kReads * Gather::kWidth);
  EXPECT_LE(device.most_allocated_bytes + data.host_bytes(), device.capacity_bytes);
  EXPECT_EQ(data.host_bytes(), 4 * Gather::kReads);
}

/// The same, of a table that may stay on the host, and which a reader may object to.
struct ChosenGather final : Op {
  explicit ChosenGather(std::optional<Place> place, std::string wrong = "")
      : place(place), wrong(std::move(wrong)) {}
  const Gather gather;
  const std::optional<Place> place;
  const std::string wrong;
  std::string_view kind() const override { return gather.kind(); }
  std::string shape() const override { return ""; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return gather.inputs(); }
  std::vector<TensorSpec> outputs() const override { return gather.outputs(); }
  Cost cost() const override { return gather.cost(); }
  std::optional<Place> input_place(std::size_t input) const override {
    return input == 1 ? place : std::nullopt;
  }
  std::string check_inputs(std::span<const TensorView> in) const override {
    return in[0].integer(0) >= 0 ? wrong : "";
  }
  std::int64_t units() const override { return gather.units(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    gather.reference(in, unit, out);
  }
  Tolerance tolerance() const override { return gather.tolerance(); }
};

TEST(OpData, PutsAnInputThatIsReadOnTheHostThere) {
  struct Counting final : FakeDevice {
    std::vector<std::int64_t> on_host;
    std::unique_ptr<Memory> allocate_host(std::int64_t bytes) override {
      on_host.push_back(bytes);
      return allocate(bytes);
    }
  } device;
  const OpDataLayout layout{.guard_bytes = 0};
  const OpData here(std::make_shared<const ChosenGather>(std::nullopt), device, kSeed, layout);
  EXPECT_TRUE(device.on_host.empty());
  const auto op = std::make_shared<const ChosenGather>(Place::host);
  const OpData there(op, device, kSeed, layout);
  EXPECT_EQ(device.on_host, (std::vector<std::int64_t>{op->inputs()[1].bytes()}));
}

TEST(OpData, LaunchesNothingOnInputsThatTheOpObjectsTo) {
  FakeDevice device;
  OpData data(std::make_shared<const ChosenGather>(std::nullopt, "row 7 of 5"), device, kSeed);
  int launches = 0;
  LambdaKernel kernel([&](Buffers in, Buffers out) {
    ++launches;
    gather(in, out);
  });
  for (int i = 0; i < 2; ++i) {
    const KernelCheck check = data.verify(kernel);
    EXPECT_EQ(check.status, KernelCheck::Status::failed);
    EXPECT_EQ(check.reason, "row 7 of 5");
  }
  EXPECT_EQ(launches, 0);
}

TEST(OpData, JudgesByEvaluationAsByACopy) {
  const auto op = std::make_shared<const Gather>();
  LambdaKernel wrong([](Buffers in, Buffers out) {
    gather(in, out);
    out[0].as<std::uint16_t>()[17] ^= 1;
  });
  FakeDevice device;
  const KernelCheck copied = OpData(op, device, kSeed).verify(wrong);
  const KernelCheck evaluated = OpData(op, device, kSeed, kEvaluated).verify(wrong);
  EXPECT_EQ(copied.status, KernelCheck::Status::failed);
  EXPECT_EQ(evaluated.reason, copied.reason);
  EXPECT_EQ(evaluated.reason.find("output y element 17: expected "), 0u) << evaluated.reason;
}

TEST(OpData, NamesTheElementOfATableThatWasOverwrittenAndFillsItAgain) {
  for (const OpDataLayout& layout : {kEvaluated, OpDataLayout{}}) {
    FakeDevice device;
    OpData data(std::make_shared<const Gather>(), device, kSeed, layout);
    for (const std::int64_t element :
         {std::int64_t{0}, std::int64_t{777'777}, Gather::kRows * Gather::kWidth - 1}) {
      LambdaKernel careless = gathers_and_writes(element, 0x7fc1);
      EXPECT_EQ(data.verify(careless).reason,
                "input table was overwritten at element " + std::to_string(element));
      LambdaKernel right(gather);
      EXPECT_EQ(data.verify(right).status, KernelCheck::Status::passed);
    }
  }
}

/// Fills tables of bf16 with something else.
class OtherFill final : public FakeDevice {
 public:
  void fill(Buffer to, const TensorSpec& spec, std::uint64_t key) override {
    FakeDevice::fill(to, spec, spec.dtype == DType::bf16 ? key + 1 : key);
  }
};

TEST(OpData, DoesNotBelieveADeviceThatFillsByAnotherDefinition) {
  OtherFill device;
  try {
    OpData(std::make_shared<const Gather>(), device, kSeed, kEvaluated);
    FAIL() << "it was believed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::wrong_result);
    EXPECT_STREQ(error.what(), "fake:0 fills table with other bits than its definition at element 0");
  }
}

TEST(TensorView, GivesTheStoredBitsWithoutData) {
  const TensorSpec spec{.name = "w", .shape = {1000}, .dtype = DType::f8e4m3, .fill = Fill::normal(3)};
  FakeDevice device;
  const auto memory = device.allocate(spec.bytes());
  device.fill(memory->buffer(), spec, kSeed);
  const FillFunction fill(spec.fill, spec.elements(), kSeed);
  const TensorView held{memory->buffer().data, spec.dtype, 1000}, evaluated{nullptr, spec.dtype, 1000, &fill};
  for (std::int64_t i = 0; i < 1000; ++i) ASSERT_EQ(held[i], evaluated[i]) << i;
  EXPECT_THROW((TensorView{nullptr, DType::f32, 1}[0]), std::logic_error);
}

}  // namespace
}  // namespace assay::op_data_tests
