// SPDX-License-Identifier: Apache-2.0
#include "measure/weights.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/fake_device.h"

namespace assay::weights_tests {
namespace {

namespace fs = std::filesystem;
using Order = WeightSource::Order;

struct Stored {
  std::string name, dtype;
  Shape shape;
  std::vector<std::byte> bytes;
};

template <typename T>
Stored stored(std::string name, std::string dtype, Shape shape, const std::vector<T>& values) {
  Stored tensor{std::move(name), std::move(dtype), std::move(shape), {}};
  tensor.bytes.resize(values.size() * sizeof(T));
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

/// A checkpoint of one file, gone with the test.
class Checkpoint {
 public:
  explicit Checkpoint(const std::vector<Stored>& tensors)
      : path_(fs::temp_directory_path() / ("assay_weights_" + std::to_string(getpid()) + ".safetensors")) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    std::size_t at = 0;
    for (const Stored& t : tensors) {
      header[t.name] = {{"dtype", t.dtype}, {"shape", t.shape}, {"data_offsets", {at, at + t.bytes.size()}}};
      at += t.bytes.size();
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::ofstream file(path_, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&length), sizeof length);
    file << text;
    for (const Stored& t : tensors)
      file.write(reinterpret_cast<const char*>(t.bytes.data()), static_cast<std::streamsize>(t.bytes.size()));
  }
  ~Checkpoint() { fs::remove(path_); }
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  SafeTensors open() const { return SafeTensors::open(path_); }
  void cut(std::uintmax_t bytes) const { fs::resize_file(path_, fs::file_size(path_) - bytes); }

 private:
  fs::path path_;
};

/// What a plan with this one weight gets from the checkpoint.
std::vector<double> load(const TensorSpec& spec, const WeightSource& source, const Checkpoint& checkpoint,
                         std::vector<std::string> ignored = {"inv_freq"}) {
  Plan plan("test", "weights");
  plan.weight(spec, source);
  plan.ignored_weights = std::move(ignored);
  const SafeTensors tensors = checkpoint.open();
  check_weights(plan, tensors);
  FakeDevice device;
  const auto memory = device.allocate(spec.bytes());
  const Buffer buffer = memory->buffer();
  device.poison(buffer);
  load_weights(plan, tensors, {{&device, {}}, {&device, {}}}, {&buffer, 1});
  std::vector<double> values;
  for (std::int64_t i = 0; i < spec.elements(); ++i)
    values.push_back(load_element(spec.dtype, buffer.data, i));
  return values;
}

std::string complaint(const TensorSpec& spec, const WeightSource& source, const Checkpoint& checkpoint) {
  try {
    load(spec, source, checkpoint);
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::bad_input);
    return error.what();
  }
  return "nothing was wrong";
}

using Values = std::vector<double>;

TEST(Weights, StacksTensorsAlongTheFirstDimension) {
  const Checkpoint file(
      {stored<float>("q", "F32", {1, 2}, {1, 2}), stored<float>("k", "F32", {2, 2}, {3, 4, 5, 6})});
  EXPECT_EQ(load({.name = "qk", .shape = {3, 2}}, {{"q", "k"}}, file), (Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(load({.name = "kq", .shape = {3, 2}}, {{"k", "q"}}, file), (Values{3, 4, 5, 6, 1, 2}));
}

TEST(Weights, TransposesBeforeItStacks) {
  // Stored [in 2, out 3] as GPT-2 does; the plan wants [out 3, in 2].
  const Checkpoint file({stored<float>("c", "F32", {2, 3}, {1, 2, 3, 4, 5, 6})});
  EXPECT_EQ(load({.name = "c", .shape = {3, 2}}, {{"c"}, Order::transposed}, file),
            (Values{1, 4, 2, 5, 3, 6}));
}

// Filters [2, C 2, R 1, S 3]; the plan wants [2, 1, 3, 2].
TEST(Weights, PutsTheChannelsOfFiltersLast) {
  const Checkpoint file({stored<float>("c", "F32", {2, 2, 1, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})});
  EXPECT_EQ(load({.name = "c", .shape = {2, 1, 3, 2}}, {{"c"}, Order::channels_first}, file),
            (Values{1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12}));
}

TEST(Weights, TakesTheSameElementsUnderAnotherShapeWhereAsked) {
  const Checkpoint file({stored<float>("t", "F32", {1, 1, 3}, {1, 2, 3})});
  EXPECT_EQ(load({.name = "t", .shape = {3}}, {{"t"}, Order::reshaped}, file), (Values{1, 2, 3}));
  EXPECT_NE(complaint({.name = "t", .shape = {4}}, {{"t"}, Order::reshaped}, file).find("does not make t"),
            std::string::npos);
}

std::vector<Stored> normalised() {
  return {stored<float>("w", "F32", {2, 2}, {1, 2, 3, 4}), stored<float>("n.gain", "F32", {2}, {2, 6}),
          stored<float>("n.shift", "F32", {2}, {10, 20}), stored<float>("n.mean", "F32", {2}, {3, 5}),
          stored<float>("n.variance", "F32", {2}, {0.75f, 3.75f})};
}
BatchNormSource norm_of(const std::string& prefix) {
  return {prefix + "gain", prefix + "shift", prefix + "mean", prefix + "variance", 0.25};
}

// gain / sqrt(variance + 1/4): 2 and 3. The bias that is left: 10 - 3 x 2, 20 - 5 x 3.
TEST(Weights, FoldsABatchNormalisationIntoFiltersAndBias) {
  const Checkpoint file(normalised());
  Plan plan("test", "weights");
  plan.weight({.name = "w", .shape = {2, 2}}, {.tensors = {"w"}, .folded = norm_of("n.")});
  plan.weight({.name = "b", .shape = {2}}, {.tensors = {}, .folded = norm_of("n.")});
  EXPECT_NO_THROW(check_weights(plan, file.open())) << "statistics are parts of the model";
  EXPECT_EQ(load(plan.tensors()[0].spec, plan.tensors()[0].source, file), (Values{2, 4, 9, 12}));
  EXPECT_EQ(load(plan.tensors()[1].spec, plan.tensors()[1].source, file, {"w"}), (Values{4, 5}));
}

TEST(Weights, AStatisticThatIsMissingOrOfAnotherSizeIsNamed) {
  auto tensors = normalised();
  tensors.pop_back();
  const WeightSource source{.tensors = {"w"}, .folded = norm_of("n.")};
  EXPECT_NE(complaint({.name = "w", .shape = {2, 2}}, source, Checkpoint(tensors))
                .find("tensor n.variance is missing"),
            std::string::npos);
  tensors.push_back(stored<float>("n.variance", "F32", {3}, {1, 1, 1}));
  EXPECT_NE(complaint({.name = "w", .shape = {2, 2}}, source, Checkpoint(tensors))
                .find("tensor n.variance: is 3, and should be a number for each of 2 filters"),
            std::string::npos);
}

TEST(Weights, AreFoundUnderTheNamesOfAnotherLibrary) {
  const WeightSource source{.tensors = {"ours.q", "ours.k"}, .also = {"theirs.qk"}};
  const TensorSpec spec{.name = "qk", .shape = {3, 2}};
  const Checkpoint theirs({stored<float>("theirs.qk", "F32", {3, 2}, {1, 2, 3, 4, 5, 6})});
  EXPECT_EQ(load(spec, source, theirs), (Values{1, 2, 3, 4, 5, 6}));
  const Checkpoint ours(
      {stored<float>("ours.q", "F32", {2, 2}, {1, 2, 3, 4}), stored<float>("ours.k", "F32", {1, 2}, {5, 6})});
  EXPECT_EQ(load(spec, source, ours), (Values{1, 2, 3, 4, 5, 6}));
  const Checkpoint neither({stored<float>("other", "F32", {1}, {1})});
  EXPECT_NE(complaint(spec, source, neither).find("tensor ours.q is missing"), std::string::npos);
}

TEST(Weights, ConvertsBetweenFloatingTypes) {
  const Checkpoint half(
      {stored<std::uint16_t>("w", "BF16", {2}, {bf16_from_float(1.5f), bf16_from_float(-3)})});
  EXPECT_EQ(load({.name = "w", .shape = {2}, .dtype = DType::f32}, {{"w"}}, half), (Values{1.5, -3}));
  EXPECT_EQ(load({.name = "w", .shape = {2}, .dtype = DType::bf16}, {{"w"}}, half), (Values{1.5, -3}));
  EXPECT_EQ(load({.name = "w", .shape = {2}, .dtype = DType::f16}, {{"w"}}, half), (Values{1.5, -3}));
}

TEST(Weights, LargeTensorsComeInPieces) {
  // 1.1 million f32 elements are more than one 4 MiB piece.
  const std::int64_t rows = 1100, cols = 1000;
  std::vector<float> values(static_cast<std::size_t>(rows * cols));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 1000003);
  const Checkpoint file({stored<float>("w", "F32", {rows, cols}, values)});
  const Values plain = load({.name = "w", .shape = {rows, cols}}, {{"w"}}, file);
  const Values turned = load({.name = "w", .shape = {cols, rows}}, {{"w"}, Order::transposed}, file);
  for (const std::int64_t i :
       {std::int64_t{0}, std::int64_t{1048575}, std::int64_t{1048576}, rows * cols - 1}) {
    EXPECT_EQ(plain[static_cast<std::size_t>(i)], values[static_cast<std::size_t>(i)]) << i;
    const std::int64_t from = i % rows * cols + i / rows;
    EXPECT_EQ(turned[static_cast<std::size_t>(i)], values[static_cast<std::size_t>(from)]) << i;
  }
}

// Mapped, it would end the process.
TEST(Weights, AFileThatIsCutShortWhileItIsReadIsAnError) {
  const std::int64_t rows = 1100, cols = 1000;
  for (const bool transposed : {false, true}) {
    const Checkpoint file({stored<float>("w", "F32", {rows, cols}, std::vector<float>(rows * cols, 1))});
    Plan plan("test", "weights");
    plan.weight({.name = "w", .shape = transposed ? Shape{cols, rows} : Shape{rows, cols}},
                {{"w"}, transposed ? Order::transposed : Order::plain});
    const SafeTensors tensors = file.open();
    check_weights(plan, tensors);
    file.cut(2'000'000);
    FakeDevice device;
    const auto memory = device.allocate(4 * rows * cols);
    const Buffer buffer = memory->buffer();
    try {
      load_weights(plan, tensors, {{&device, {}}, {&device, {}}}, {&buffer, 1});
      ADD_FAILURE() << "read " << (transposed ? "transposed" : "plain");
    } catch (const Error& error) {
      EXPECT_EQ(error.code, ExitCode::bad_input);
      EXPECT_NE(std::string(error.what()).find("bytes when opened"), std::string::npos) << error.what();
    }
  }
}

TEST(Weights, AMissingTensorIsNamed) {
  const Checkpoint file({stored<float>("q", "F32", {2}, {1, 2})});
  EXPECT_NE(complaint({.name = "w", .shape = {2}}, {{"k"}}, file).find("tensor k is missing"),
            std::string::npos);
}

TEST(Weights, ATensorLeftOverIsNamedUnlessThePlanIgnoresIt) {
  const Checkpoint extra({stored<float>("q", "F32", {2}, {1, 2}), stored<float>("z", "F32", {1}, {1})});
  EXPECT_NE(
      complaint({.name = "w", .shape = {2}}, {{"q"}}, extra).find("tensor z: is not a part of this model"),
      std::string::npos);
  const Checkpoint ignored(
      {stored<float>("q", "F32", {2}, {1, 2}), stored<float>("rotary_emb.inv_freq", "F32", {1}, {1})});
  EXPECT_EQ(load({.name = "w", .shape = {2}}, {{"q"}}, ignored), (Values{1, 2}));
}

TEST(Weights, AWrongShapeNamesBothShapes) {
  const Checkpoint file({stored<float>("q", "F32", {2, 3}, {1, 2, 3, 4, 5, 6})});
  EXPECT_NE(complaint({.name = "w", .shape = {3, 2}}, {{"q"}}, file)
                .find("tensor q: is 2x3, which does not make w (3x2)"),
            std::string::npos);
  EXPECT_NE(complaint({.name = "w", .shape = {6}}, {{"q"}}, file).find("does not make"), std::string::npos);
  EXPECT_NE(complaint({.name = "w", .shape = {3, 3}}, {{"q"}}, file).find("does not make"),
            std::string::npos);
}

TEST(Weights, AStackOfTheWrongHeightIsRefused) {
  const Checkpoint file(
      {stored<float>("q", "F32", {1, 2}, {1, 2}), stored<float>("k", "F32", {1, 2}, {3, 4})});
  EXPECT_NE(complaint({.name = "qk", .shape = {3, 2}}, {{"q", "k"}}, file).find("of 2 tensors"),
            std::string::npos);
}

TEST(Weights, TypesThatDoNotConvertAreRefused) {
  const Checkpoint file({stored<std::int64_t>("q", "I64", {2}, {1, 2})});
  EXPECT_NE(
      complaint({.name = "w", .shape = {2}}, {{"q"}}, file).find("is I64, which does not convert to f32"),
      std::string::npos);
}

}  // namespace
}  // namespace assay::weights_tests
