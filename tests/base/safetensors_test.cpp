// SPDX-License-Identifier: Apache-2.0
#include "base/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace assay::safetensors_tests {
namespace {

using test::TemporaryFolder;

/// A file with this header and `data_bytes` bytes 0, 1, 2, ...
std::string file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  file += header;
  for (std::size_t i = 0; i < data_bytes; ++i) file += static_cast<char>(i);
  return file;
}

double element(const StoredTensor& tensor, std::int64_t index) {
  alignas(8) std::byte bytes[8];
  tensor.read(index, 1, bytes);
  return load_element(*tensor.dtype, bytes, 0);
}

std::string complaint(const std::string& bytes) {
  const TemporaryFolder folder;
  const auto file = folder.write("model.safetensors", bytes);
  const std::string text = test::bad_input([&] { SafeTensors::open(file); });
  ASSAY_EXPECT_HAS(text, file.string());
  return text;
}

// a: 3 bf16 values, b: one f32; offsets count from the end of the header.
const std::string kGood = R"({"__metadata__": {"format": "pt"},
  "a": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]},
  "b": {"dtype": "F32", "shape": [1, 1], "data_offsets": [6, 10]}})";

TEST(SafeTensors, ReadsNamesShapesAndValues) {
  const TemporaryFolder folder;
  std::string bytes = file_of(kGood, 10);
  const float value = 1.5f;
  std::memcpy(bytes.data() + bytes.size() - 4, &value, 4);
  const SafeTensors file = SafeTensors::open(folder.write("model.safetensors", bytes).parent_path());
  ASSERT_EQ(file.tensors().size(), 2u);
  const StoredTensor& a = *file.find("a");
  EXPECT_EQ(a.dtype, DType::bf16);
  EXPECT_EQ(a.shape, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(element(a, 1), float_from_bf16(0x0302));  // bytes 2 and 3
  EXPECT_EQ(element(*file.find("b"), 0), 1.5);
  EXPECT_THROW(element(a, 3), std::logic_error);
  EXPECT_THROW(element(a, -1), std::logic_error);
  EXPECT_EQ(file.find("c"), nullptr);
}

TEST(SafeTensors, ConvertsToTheTypeOfAPlan) {
  const TemporaryFolder folder;
  std::string bytes = file_of(R"({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 8);
  const float values[] = {1.0f + 0x1p-9f, -2};
  std::memcpy(bytes.data() + bytes.size() - 8, values, 8);
  const SafeTensors file = SafeTensors::open(folder.write("w.safetensors", bytes));
  std::uint16_t bf16[2];
  file.find("w")->convert(0, 2, DType::bf16, bf16);
  EXPECT_EQ(float_from_bf16(bf16[0]), 1.0f);  // half a step: to even
  EXPECT_EQ(float_from_bf16(bf16[1]), -2.0f);
  float same = 0;
  file.find("w")->convert(1, 1, DType::f32, &same);
  EXPECT_EQ(same, -2.0f);
}

TEST(SafeTensors, FindsATensorWhoseLeadingModuleIsLeftOut) {
  const TemporaryFolder folder;
  const auto path = folder.write(
      "m.safetensors", file_of(R"({"h.0.w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})", 1));
  const SafeTensors file = SafeTensors::open(path);
  EXPECT_NE(file.find("transformer.h.0.w"), nullptr);
  EXPECT_EQ(file.find("transformer.h.1.w"), nullptr);
}

/// `count` f32 values 0, 1, 2, ... in a tensor "w".
std::string counting_file(std::int64_t count) {
  const std::string size = std::to_string(count), bytes = std::to_string(4 * count);
  std::string file = file_of(
      R"({"w": {"dtype": "F32", "shape": [)" + size + R"(], "data_offsets": [0, )" + bytes + "]}}", 0);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i);
    file.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return file;
}

TEST(SafeTensors, ConvertsMoreThanItReadsAtOnce) {
  const TemporaryFolder folder;
  constexpr std::int64_t kCount = 100'000;  // 400 kB
  const SafeTensors file = SafeTensors::open(folder.write("w.safetensors", counting_file(kCount)));
  std::vector<std::uint16_t> halves(kCount - 3);
  file.find("w")->convert(3, kCount - 3, DType::bf16, halves.data());
  for (std::int64_t i = 3; i < kCount; ++i)
    ASSERT_EQ(halves[static_cast<std::size_t>(i - 3)], bf16_from_float(static_cast<float>(i))) << i;
}

TEST(SafeTensors, SaysThatAFileWasCutShortWhileItWasOpen) {
  const TemporaryFolder folder;
  const auto path = folder.write("w.safetensors", counting_file(100'000));
  const SafeTensors file = SafeTensors::open(path);
  const auto was = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, was - 300'000);
  float value = -1;
  file.find("w")->convert(10, 1, DType::f32, &value);  // what is still there is still right
  EXPECT_EQ(value, 10);
  std::vector<float> all(100'000);
  for (const DType to : {DType::f32, DType::bf16})
    ASSAY_EXPECT_HAS(test::bad_input([&] { file.find("w")->convert(0, 100'000, to, all.data()); }),
                     "w.safetensors: was " + std::to_string(was) + " bytes when opened, is " +
                         std::to_string(was - 300'000) + " now");
}

TEST(SafeTensors, IsReadByManyThreadsAtOnce) {
  const TemporaryFolder folder;
  constexpr std::int64_t kCount = 100'000, kThreads = 4;
  const auto file = std::make_shared<const SafeTensors>(
      SafeTensors::open(folder.write("w.safetensors", counting_file(kCount))));
  std::vector<float> all(kCount);
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::int64_t i = t; i < kCount / 1000; i += kThreads)
        file->find("w")->convert(i * 1000, 1000, DType::f32, all.data() + i * 1000);
    });
  for (std::thread& thread : threads) thread.join();
  for (std::int64_t i = 0; i < kCount; ++i)
    ASSERT_EQ(all[static_cast<std::size_t>(i)], static_cast<float>(i));
}

TEST(SafeTensors, RefusesTruncatedFiles) {
  const std::string good = file_of(kGood, 10);
  ASSAY_EXPECT_HAS(complaint(good.substr(0, good.size() - 1)), "tensor b: ends at byte 10 of 9");
  ASSAY_EXPECT_HAS(complaint(good.substr(0, 20)), "is cut off");
  ASSAY_EXPECT_HAS(complaint(good.substr(0, 5)), "too short");
  ASSAY_EXPECT_HAS(complaint(""), "is empty");
}

TEST(SafeTensors, RefusesHugeAndWrongHeaders) {
  std::string huge = file_of("{}", 0);
  std::memset(huge.data(), 0xff, 8);
  ASSAY_EXPECT_HAS(complaint(huge), "18446744073709551615 bytes");
  ASSAY_EXPECT_HAS(complaint(file_of("{\"a\": ", 0)), "is not JSON");
  ASSAY_EXPECT_HAS(complaint(file_of("[1]", 0)), "not an object");
  ASSAY_EXPECT_HAS(complaint(file_of(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
                                         "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})",
                                     1)),
                   "stands twice");
}

std::string with(const std::string& tensor_a, std::size_t data_bytes = 8) {
  return complaint(file_of("{\"a\": " + tensor_a + "}", data_bytes));
}

TEST(SafeTensors, RefusesWrongTensors) {
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF17", "shape": [4], "data_offsets": [0, 8]})"),
                   "tensor a: has the unknown dtype \"BF17\"");
  ASSAY_EXPECT_HAS(with(R"({"shape": [4], "data_offsets": [0, 8]})"), "tensor a: has no dtype");
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF16", "data_offsets": [0, 8]})"), "tensor a: has no shape");
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF16", "shape": [-4], "data_offsets": [0, 8]})"),
                   "tensor a: has a shape");
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF16", "shape": [4], "data_offsets": [0]})"),
                   "tensor a: has no data_offsets");
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF16", "shape": [4], "data_offsets": [8, 0]})"),
                   "tensor a: has wrong data_offsets");
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF16", "shape": [3], "data_offsets": [0, 8]})"),
                   "takes 8 bytes, which is not its shape in BF16");
  // 2^63 elements, and a product that wraps around to 4.
  ASSAY_EXPECT_HAS(with(R"({"dtype": "BF16", "shape": [4294967296, 4294967296, 4], "data_offsets": [0, 8]})"),
                   "not its shape");
  ASSAY_EXPECT_HAS(with("7"), "tensor a: is not described");
}

TEST(SafeTensors, RefusesOverlapsGapsAndLeftovers) {
  const auto two = [](const char* a, const char* b, std::size_t bytes) {
    return complaint(file_of(std::string(R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": )") + a +
                                 R"(}, "b": {"dtype": "U8", "shape": [4], "data_offsets": )" + b + "}}",
                             bytes));
  };
  ASSAY_EXPECT_HAS(two("[0, 4]", "[2, 6]", 8), "tensor b: overlaps");
  ASSAY_EXPECT_HAS(two("[0, 4]", "[0, 4]", 8), "overlaps");
  ASSAY_EXPECT_HAS(two("[0, 4]", "[5, 9]", 9), "tensor b: leaves unused bytes");
  ASSAY_EXPECT_HAS(two("[0, 4]", "[4, 8]", 9), "holds 1 bytes past its last tensor");
}

class Shards : public ::testing::Test {
 protected:
  void SetUp() override {
    folder.write("1.safetensors",
                 file_of(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})", 1));
    folder.write("2.safetensors",
                 file_of(R"({"b": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})", 1));
  }
  void index(const std::string& map) {
    folder.write("model.safetensors.index.json", "{\"metadata\": {}, \"weight_map\": " + map + "}");
  }
  std::string complaint() {
    return test::bad_input([&] { SafeTensors::open(folder.path()); });
  }
  TemporaryFolder folder;
};

TEST_F(Shards, AreReadByTheirIndex) {
  index(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  const SafeTensors all = SafeTensors::open(folder.path());
  EXPECT_EQ(all.tensors().size(), 2u);
  EXPECT_EQ(all.find("b")->file.filename(), "2.safetensors");
}

TEST_F(Shards, MustHoldWhatTheIndexSays) {
  index(R"({"a": "2.safetensors", "b": "2.safetensors"})");
  ASSAY_EXPECT_HAS(complaint(), "tensor a: is missing from 2.safetensors");
  index(R"({"a": "1.safetensors", "b": "3.safetensors"})");
  ASSAY_EXPECT_HAS(complaint(), "3.safetensors: is missing");
}

TEST_F(Shards, LieBesideTheirIndex) {
  index(R"({"a": "../1.safetensors"})");
  ASSAY_EXPECT_HAS(complaint(), "something else than a file beside the index");
  index(R"({"a": 1})");
  ASSAY_EXPECT_HAS(complaint(), "tensor a");
}

TEST_F(Shards, HoldEachTensorOnce) {
  folder.write("2.safetensors",
               file_of(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})", 1));
  index(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  ASSAY_EXPECT_HAS(complaint(), "tensor a: stands in");
}

TEST(SafeTensorsFolder, WithoutACheckpointSaysWhatWasLookedFor) {
  const TemporaryFolder folder;
  ASSAY_EXPECT_HAS(test::bad_input([&] { SafeTensors::open(folder.path()); }), "holds no model.safetensors");
  ASSAY_EXPECT_HAS(test::bad_input([&] { SafeTensors::open(folder.path() / "no.safetensors"); }),
                   "is missing");
}

}  // namespace
}  // namespace assay::safetensors_tests
