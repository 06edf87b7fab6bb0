// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/cpu_device.h"

#include <gtest/gtest.h>

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/checksum.h"
#include "base/error.h"
#include "base/random.h"
#include "device/backend.h"
#include "device/cpu/probe.h"
#include "device/random_place.h"
#include "plan/fill_function.h"
#include "support/every_fill.h"

namespace assay::cpu_device_tests {
namespace {

constexpr std::uint64_t kKey = random_key(7, "layers.0.w");

void expect_scalar_bits(const TensorSpec& spec) {
  CpuDevice device;
  const auto lane = device.lane({});
  const auto memory = device.allocate(spec.bytes());
  lane->poison(memory->buffer());
  lane->fill(memory->buffer(), spec, kKey);
  std::vector<char> expected(static_cast<std::size_t>(spec.bytes()));
  const FillFunction element(spec.fill, spec.elements(), kKey);
  for (std::int64_t i = 0; i < spec.elements(); ++i)
    store_element(spec.dtype, expected.data(), i, element(i));
  std::vector<char> got(expected.size());
  lane->read(got.data(), memory->buffer(), spec.bytes());
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
  const auto lane = device.lane({});
  const auto memory = device.allocate(64);
  const TensorSpec spec{.name = "v", .shape = {4}, .dtype = DType::f32, .fill = Fill::values({1, 2, 3})};
  EXPECT_THROW(lane->fill(memory->buffer(), spec, kKey), std::logic_error);
}

TEST(CpuDevice, AddsUpTheChecksumOfTheDefinition) {
  CpuDevice device;
  const auto lane = device.lane({});
  for (const std::int64_t bytes : {1, 7, 8, 4099, (1 << 20) + 5}) {
    const auto memory = device.allocate(bytes);
    lane->fill(memory->buffer(),
               {.name = "x", .shape = {bytes}, .dtype = DType::u8, .fill = Fill::index(256)}, kKey);
    const auto* data = static_cast<std::byte*>(memory->buffer().data);
    const std::uint64_t whole = lane->checksum({memory->buffer().data, bytes});
    EXPECT_EQ(whole, checksum({data, static_cast<std::size_t>(bytes)})) << bytes;
    static_cast<std::byte*>(memory->buffer().data)[bytes - 1] ^= std::byte{1};
    EXPECT_NE(lane->checksum({memory->buffer().data, bytes}), whole) << bytes;
  }
}

TEST(CpuDevice, PoisonIsANanInEveryFloatingDtypeAndMinusOneInIntegers) {
  CpuDevice device;
  const auto lane = device.lane({});
  const auto memory = device.allocate(4096);
  lane->poison(memory->buffer());
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
  const auto lane = device.lane({});
  const std::int64_t bytes = (3 << 20) + 5;
  std::vector<char> sent(static_cast<std::size_t>(bytes)), back(sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 31 >> 3);
  const auto a = device.allocate(bytes), b = device.allocate(bytes);
  lane->write(a->buffer(), sent.data(), bytes);
  lane->copy(b->buffer(), a->buffer(), bytes);
  lane->read(back.data(), b->buffer(), bytes);
  EXPECT_EQ(sent, back);
  EXPECT_THROW(lane->write(a->buffer(), sent.data(), bytes + 1), std::logic_error);
}

TEST(CpuDevice, ReplaysRecordedWork) {
  CpuDevice device;
  const auto lane = device.lane({});
  int runs = 0;
  const auto program = lane->record([&](Stream&) { ++runs; });
  EXPECT_EQ(runs, 0);
  program->launch(lane->stream());
  program->launch(lane->stream());
  EXPECT_EQ(runs, 2);
}

TEST(CpuDevice, MarksTakeTimesInOrder) {
  CpuDevice device;
  const auto lane = device.lane({});
  const auto marks = lane->marks(2);
  marks->record(0, lane->stream());
  lane->flush_cache();
  marks->record(1, lane->stream());
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
  EXPECT_GT(peaks.of(Path::memory).measured.value(), 1e8);
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

TEST(CpuDevice, TellsHowFastItIsNow) {
  CpuDevice device;
  ASSERT_NE(device.speed_meter(), nullptr);
  EXPECT_GT(device.speed_meter()->take(), 1e6) << "bytes/s: no machine is as slow as that";
  EXPECT_GT(device.speed_meter()->best(), 1e6);
}

TEST(CpuDevice, ProbesRandomReadsAndTheLinkToItsHost) {
  CpuDevice device;
  const Peaks peaks = device.measure_peaks({});
  ASSERT_EQ(peaks.random_read_bytes_per_s.size(), std::size(kRandomRowBytes));
  double shorter = 1e7;
  for (const auto& [row_bytes, ceiling] : peaks.random_read_bytes_per_s) {
    EXPECT_GE(ceiling.measured.value(), shorter) << row_bytes;
    shorter = *ceiling.measured;
    EXPECT_FALSE(ceiling.datasheet) << row_bytes;
    EXPECT_NE(ceiling.source.find("random reads on"), std::string::npos) << ceiling.source;
  }
  EXPECT_GT(peaks.of(Path::host_link).measured.value(), 1e8);
  EXPECT_EQ(peaks.to_device_bytes_per_s.measured, peaks.from_device_bytes_per_s.measured);
  EXPECT_NE(peaks.to_device_bytes_per_s.source.find("one memory"), std::string::npos);
}

TEST(CpuDevice, ProbesNoRandomReadsOfWhatTheCacheHoldsMuchOf) {
  constexpr std::int64_t kCache = 1 << 20;
  Peaks peaks;
  add_bulk_peaks(peaks, kCache, 4 * 8 * kCache - 4);  // a quarter of it is less than eight caches
  EXPECT_TRUE(peaks.random_read_bytes_per_s.empty());
  EXPECT_FALSE(peaks.of(Path::host_link).measured);
  add_bulk_peaks(peaks, kCache, 4 * 8 * kCache);
  EXPECT_EQ(peaks.random_read_bytes_per_s.size(), std::size(kRandomRowBytes));
}

TEST(RandomReads, StayWithinTheirBuffer) {
  for (const std::int64_t row_bytes : kRandomRowBytes)
    for (const int rows_ahead : {1, 8, 256}) {
      const std::unique_ptr<void, decltype(&std::free)> heap(  // whose ends a sanitizer watches
          std::aligned_alloc(64, static_cast<std::size_t>(3 * row_bytes)), &std::free);
      EXPECT_GT(random_read_rate({heap.get(), 3 * row_bytes}, row_bytes, rows_ahead, 0, 7), 0);
    }
  constexpr std::int64_t kInt8Row = 136, kBytes = 448;  // three rows, and what ends their last line
  const std::unique_ptr<void, decltype(&std::free)> int8_rows(std::aligned_alloc(64, kBytes), &std::free);
  EXPECT_GT(random_read_rate({int8_rows.get(), 3 * kInt8Row}, kInt8Row, 8, 0, 7), 0);
  EXPECT_GT(random_read_rate({int8_rows.get(), kBytes}, kInt8Row, 8, 0, 7), 0);
  const HugeBlock block(64);
  EXPECT_THROW(random_read_rate(block.buffer(), 112, 8, 0, 1), std::logic_error);  // two lines or three
  EXPECT_THROW(random_read_rate(block.buffer(), 640, 8, 0, 1), std::logic_error);  // ten
  EXPECT_THROW(random_read_rate(block.buffer(), 64, 3, 0, 1), std::logic_error);
  EXPECT_THROW(random_read_rate(block.buffer(), 64, 512, 0, 1), std::logic_error);
}

TEST(RandomPlace, IsAnyPlaceAsOftenAsAnyOther) {
  constexpr std::uint32_t kPlaces = 1000, kDraws = 1'000'000;
  std::vector<std::uint32_t> seen(kPlaces);
  std::uint32_t near = 0, last = 0;
  for (std::uint32_t counter = 0; counter < kDraws; ++counter) {
    const std::uint32_t place = random_place(counter + 0x9E3779B9u, kPlaces);
    ASSERT_LT(place, kPlaces);
    ++seen[place];
    if (place - last + 1 <= 2) ++near;  // itself or a neighbour: the hardware would have it already
    last = place;
  }
  const auto [least, most] = std::ranges::minmax(seen);
  EXPECT_GT(least, 850u);  // 1000 +- 5 of 32
  EXPECT_LT(most, 1150u);
  EXPECT_NEAR(near, 3.0 * kDraws / kPlaces, 300);
}

TEST(CopyRate, CopiesEveryByteOfEachThreadsPart) {
  constexpr std::int64_t kBytes = 3 << 20;
  HugeBlock from(kBytes), to(kBytes);
  for (const bool streaming : {false, true}) {
    parallel_set(from.buffer().data, streaming ? 0x11 : 0x22, kBytes);
    parallel_set(to.buffer().data, 0, kBytes);
    std::int64_t resume = 0;
    EXPECT_GT(copy_rate(to.buffer(), from.buffer(), streaming, 0.02, resume), 0);
    EXPECT_GT(resume, 0);
    const Buffer part = part_of(to.buffer(), 0, omp_get_max_threads());
    const std::int64_t whole = std::min(resume, part.bytes >> 18) << 18;  // pieces of 256 KiB
    EXPECT_EQ(std::memcmp(part.data, from.buffer().data, static_cast<std::size_t>(whole)), 0) << streaming;
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
  EXPECT_FALSE(peaks.of(Path::memory).measured.has_value());
  EXPECT_NE(peaks.of(Path::memory).source.find("too little free memory"), std::string::npos);
  EXPECT_TRUE(CpuPeakProbe({}, kCache, 8 * kCache).take().bytes_per_s.has_value());
}

TEST(CpuDevice, UsesTheBytesOfABlockOnceTheyAreTouched) {
  CpuDevice device;
  const auto lane = device.lane({});
  constexpr std::int64_t kBytes = 64 << 20;
  const std::int64_t before = device.used_bytes().value();
  auto memory = device.allocate(kBytes);
  const std::int64_t untouched = device.used_bytes().value();
  lane->poison(memory->buffer());
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
}  // namespace assay::cpu_device_tests
