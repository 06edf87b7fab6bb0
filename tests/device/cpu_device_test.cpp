// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/cpu_device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "device/backend.h"
#include "device/cpu/probe.h"
#include "plan/fill_function.h"
#include "support/every_fill.h"

namespace assay {
namespace {

constexpr std::uint64_t kKey = random_key(7, "layers.0.w");

void expect_scalar_bits(const TensorSpec& spec) {
  CpuDevice device;
  const auto memory = device.allocate(spec.bytes());
  device.poison(memory->buffer());
  device.fill(memory->buffer(), spec, kKey);
  std::vector<char> expected(static_cast<std::size_t>(spec.bytes()));
  const FillFunction element(spec.fill, spec.elements(), kKey);
  for (std::int64_t i = 0; i < spec.elements(); ++i)
    store_element(spec.dtype, expected.data(), i, element(i));
  std::vector<char> got(expected.size());
  device.read(got.data(), memory->buffer(), spec.bytes());
  for (std::int64_t i = 0; i < spec.elements(); ++i)
    ASSERT_EQ(load_element(spec.dtype, got.data(), i), load_element(spec.dtype, expected.data(), i))
        << name(spec.dtype) << " element " << i;
  EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size()), 0) << name(spec.dtype);
}

TEST(CpuFill, MakesTheScalarBitsOfANormalTensorInEveryFloatingDtype) {
  for (const DType dtype : {DType::f32, DType::tf32, DType::f16, DType::bf16, DType::f8e4m3})
    expect_scalar_bits({.name = "w", .shape = {97, 131}, .dtype = dtype, .fill = Fill::normal(0.02)});
}

TEST(CpuFill, MakesTheScalarBitsWithAMeanThoughItIsFusedIntoTheMultiply) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16})
    expect_scalar_bits({.name = "w", .shape = {12345}, .dtype = dtype, .fill = Fill::normal(0.1, 1.0)});
}

TEST(CpuFill, RoundsSubnormalAndOverflowingHalvesLikeTheScalarDefinition) {
  expect_scalar_bits({.name = "w", .shape = {9999}, .dtype = DType::f16, .fill = Fill::normal(1e-6)});
  expect_scalar_bits({.name = "w", .shape = {9999}, .dtype = DType::f16, .fill = Fill::normal(4e4)});
  expect_scalar_bits({.name = "w", .shape = {9999}, .dtype = DType::bf16, .fill = Fill::normal(2e38)});
}

TEST(CpuFill, MakesEveryFillOfEveryDtypeByItsDefinition) {
  for (const DType dtype : all_dtypes())
    for (const Fill& fill : every_fill(5001))
      expect_scalar_bits({.name = "x", .shape = {5001}, .dtype = dtype, .fill = fill});
}

TEST(CpuFill, MakesEveryControlFill) {
  expect_scalar_bits({.name = "ids", .shape = {5001}, .dtype = DType::i32, .fill = Fill::index(32000)});
  expect_scalar_bits({.name = "table", .shape = {5001}, .dtype = DType::i32, .fill = Fill::permutation()});
  expect_scalar_bits({.name = "at", .shape = {5001}, .dtype = DType::i32, .fill = Fill::cycle(17, 3, -2)});
  expect_scalar_bits({.name = "one", .shape = {5001}, .dtype = DType::bf16, .fill = Fill::constant(1)});
  expect_scalar_bits(
      {.name = "v", .shape = {3}, .dtype = DType::f32, .fill = Fill::values({1.5f, -2, 0.25f})});
}

TEST(CpuFill, RefusesAsManyValuesAsThereAreNot) {
  CpuDevice device;
  const auto memory = device.allocate(64);
  const TensorSpec spec{.name = "v", .shape = {4}, .dtype = DType::f32, .fill = Fill::values({1, 2, 3})};
  EXPECT_THROW(device.fill(memory->buffer(), spec, kKey), std::logic_error);
}

TEST(CpuDevice, PoisonIsANanInEveryFloatingDtypeAndMinusOneInIntegers) {
  CpuDevice device;
  const auto memory = device.allocate(4096);
  device.poison(memory->buffer());
  for (const DType dtype : {DType::f32, DType::tf32, DType::f16, DType::bf16, DType::f8e4m3})
    for (const std::int64_t i : {std::int64_t{0}, 4096 / bytes_of(dtype) - 1})
      EXPECT_TRUE(std::isnan(load_element(dtype, memory->buffer().data, i))) << name(dtype);
  EXPECT_EQ(load_element(DType::i32, memory->buffer().data, 1023), -1);
}

TEST(CpuDevice, SaysHowManyBytesAreWantedAndFreeWhenTheyDoNotFit) {
  CpuDevice device;
  try {
    device.allocate(std::int64_t{1} << 50);
    FAIL() << "a pebibyte was granted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::device_failed);
    EXPECT_NE(std::string(error.what()).find("1125899906842624 bytes (1048576.00 GiB) wanted"),
              std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find(" free"), std::string::npos) << error.what();
    EXPECT_FALSE(error.hint.empty());
  }
}

TEST(CpuDevice, AlignsBlocksToHugePagesAndTakesZeroBytes) {
  CpuDevice device;
  for (const std::int64_t bytes : {std::int64_t{0}, std::int64_t{1}, std::int64_t{5} << 20}) {
    const auto memory = device.allocate(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory->buffer().data) % (2 << 20), 0u);
    EXPECT_EQ(memory->buffer().bytes, bytes);
  }
}

TEST(CpuDevice, CopiesMoreThanOneChunkThereAndBack) {
  CpuDevice device;
  const std::int64_t bytes = (3 << 20) + 5;
  std::vector<char> sent(static_cast<std::size_t>(bytes)), back(sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 31 >> 3);
  const auto a = device.allocate(bytes), b = device.allocate(bytes);
  device.write(a->buffer(), sent.data(), bytes);
  device.copy(b->buffer(), a->buffer(), bytes);
  device.read(back.data(), b->buffer(), bytes);
  EXPECT_EQ(sent, back);
  EXPECT_THROW(device.write(a->buffer(), sent.data(), bytes + 1), std::logic_error);
}

TEST(CpuDevice, ReplaysRecordedWork) {
  CpuDevice device;
  int runs = 0;
  const auto program = device.record([&](Stream&) { ++runs; });
  EXPECT_EQ(runs, 0);
  program->launch(device.stream());
  program->launch(device.stream());
  EXPECT_EQ(runs, 2);
}

TEST(CpuDevice, MarksTakeTimesInOrder) {
  CpuDevice device;
  const auto marks = device.marks(2);
  marks->record(0, device.stream());
  device.flush_cache();
  marks->record(1, device.stream());
  EXPECT_GT(marks->seconds(0, 1), 0);
  EXPECT_DOUBLE_EQ(marks->seconds(0, 1), -marks->seconds(1, 0));
}

TEST(CpuDevice, ProbesAPositiveCeilingForEachDtypeAskedForAndNoDatasheet) {
  CpuDevice device;
  const std::vector<DType> dtypes = {DType::f32, DType::bf16, DType::f8e4m3};
  const Peaks peaks = device.measure_peaks(dtypes);
  ASSERT_EQ(peaks.flops_per_s.size(), 2u);  // no CPU kernel computes in fp8
  EXPECT_GT(peaks.flops_per_s.at(DType::f32).measured.value(), 1e8);
  EXPECT_GE(peaks.flops_per_s.at(DType::bf16).measured.value(), 1e8);
  EXPECT_FALSE(peaks.flops_per_s.at(DType::f32).datasheet.has_value());
  EXPECT_GT(peaks.bytes_per_s.measured.value(), 1e8);
  EXPECT_GT(peaks.launch_s.value(), 1e-9);
  EXPECT_LT(peaks.launch_s.value(), 1);
}

TEST(CpuDevice, ProbesWhatItReachesNowOfTheSameThingsAsItsPeaks) {
  CpuDevice device;
  const std::vector<DType> dtypes = {DType::f32, DType::f16, DType::i32};
  const auto probe = device.peak_probe(dtypes);
  ASSERT_NE(probe, nullptr);
  for (int i = 0; i < 2; ++i) {
    const PeakDraw draw = probe->take();
    EXPECT_GT(draw.bytes_per_s.value(), 1e8);
    ASSERT_EQ(draw.flops_per_s.size(), 2u);
    EXPECT_GT(draw.flops_per_s.at(DType::f32), 1e8);
    EXPECT_EQ(draw.flops_per_s.at(DType::f16), draw.flops_per_s.at(DType::f32));  // widened: one probe
  }
}

TEST(CpuPeakProbe, DoesNotAddUpTheRatesOfThreadsThatRanOneAfterTheOther) {
  using Shares = std::vector<ThreadShare>;
  EXPECT_DOUBLE_EQ(joint_rate(Shares{{100, 7, 9}, {100, 7, 9}}), 100);
  EXPECT_DOUBLE_EQ(joint_rate(Shares{{100, 7, 9}, {100, 9, 11}}), 50);  // each alone reaches 50
  EXPECT_DOUBLE_EQ(joint_rate({}), 0);
}

TEST(CpuPeakProbe, DoesAPieceOfWorkEvenWhereItHasNoTime) {
  int pieces = 0;
  const ThreadShare share = work_for(0, [&] { return static_cast<double>(++pieces); });
  EXPECT_EQ(share.amount, 1);  // one piece at least
  EXPECT_GE(share.end_s, share.begin_s);
}

TEST(CpuPeakProbe, DoesNotTakeTheRateOfACacheForThatOfMemory) {
  constexpr std::int64_t kCache = 32 << 20;
  CpuPeakProbe cramped(std::vector{DType::f32}, kCache, 7 * kCache);  // a quarter: less than two caches
  EXPECT_FALSE(cramped.take().bytes_per_s.has_value());
  EXPECT_GT(cramped.take().flops_per_s.at(DType::f32), 1e8);
  const Peaks peaks = cramped.peaks(1);
  EXPECT_FALSE(peaks.bytes_per_s.measured.has_value());
  EXPECT_NE(peaks.bytes_per_s.source.find("too little free memory"), std::string::npos);
  EXPECT_TRUE(CpuPeakProbe({}, kCache, 8 * kCache).take().bytes_per_s.has_value());
}

TEST(CpuDevice, UsesTheBytesOfABlockOnceTheyAreTouched) {
  CpuDevice device;
  constexpr std::int64_t kBytes = 64 << 20;
  const std::int64_t before = device.used_bytes().value();
  auto memory = device.allocate(kBytes);
  const std::int64_t untouched = device.used_bytes().value();
  device.poison(memory->buffer());
  const std::int64_t touched = device.used_bytes().value();
  memory.reset();
  EXPECT_LT(untouched - before, kBytes / 2);
  EXPECT_GE(touched - untouched, kBytes * 9 / 10);
  EXPECT_LE(touched - untouched, kBytes * 11 / 10 + (8 << 20));  // the threads' stacks may be new
  EXPECT_LT(device.used_bytes().value(), touched - kBytes / 2);
}

TEST(CpuBackend, FindsOneCpuAndOpensIt) {
  const Backend& backend = cpu_backend();
  const auto found = backend.find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "cpu");
  EXPECT_GT(found[0].memory_bytes, 0);
  EXPECT_GE(found[0].units, 1);
  const auto device = backend.open(0);
  EXPECT_EQ(device->info().name, found[0].name);
  EXPECT_LE(device->free_bytes(), device->info().memory_bytes);
}

}  // namespace
}  // namespace assay
