// SPDX-License-Identifier: Apache-2.0
#include "workloads/vision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "images/jpeg_file.h"
#include "images/scene.h"
#include "kernels/conv2d/conv2d.h"
#include "plan/lazy_list.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "workloads/network_emitter.h"
#include "workloads/planted_boxes.h"
#include "workloads/workload.h"

namespace assay::vision_tests {
namespace {

using test::bad_input;

Plan plan_of(const std::string& file, std::vector<std::string> overrides = {}) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) /
                                                    "configs/vision" / file};
  overrides.insert(overrides.begin(), {"/load/batch=1", "/load/image=64x48"});
  return load_runs(files, overrides).expand().at(0).make_plan();
}

std::int64_t fact(const Plan& plan, const char* name) {
  const Fact* found = plan.find_fact(name);
  return found != nullptr ? found->value.get<std::int64_t>() : -1;
}

const Stage& stage(const Plan& plan, const char* name) {
  return *plan.stages().at(plan.find_stage(name).value());
}

// torchvision, docs/source/models: 25,557,032 and 11,689,512 parameters; 4.089 and 1.814 GMACs ("GFLOPS"
// there).
TEST(Vision, CountsResNetsAsPublished) {
  const Plan fifty = plan_of("resnet-50.json");
  EXPECT_EQ(fact(fifty, "parameters"), 25'557'032);
  EXPECT_EQ(fact(fifty, "multiply_adds_per_image"), 4'089'184'256);
  const Plan eighteen = plan_of("resnet-50.json", {"/model=../models/resnet-18.json"});
  EXPECT_EQ(fact(eighteen, "parameters"), 11'689'512);
  EXPECT_EQ(fact(eighteen, "multiply_adds_per_image"), 1'814'073'344);
}

// 86,567,656 and 304,326,632 parameters: torchvision's vit_b_16 and vit_l_16. Of ViT-B/16: 16.849 G of layers
// and 0.715 G of attention. Tokens 197 x 2 x 197 x 768 x 12 layers.
TEST(Vision, CountsVitsAsPublished) {
  const Plan base = plan_of("vit-base.json");
  EXPECT_EQ(fact(base, "parameters"), 86'567'656);
  const std::int64_t attention = 12ll * 197 * 197 * 2 * 768;
  EXPECT_EQ(fact(base, "multiply_adds_per_image"),
            196ll * 768 * 768 + 12ll * 197 * (4 * 768 * 768 + 2 * 768 * 3072) + attention + 768 * 1000);
  EXPECT_NEAR(static_cast<double>(fact(base, "multiply_adds_per_image")), 17.564e9, 0.001e9);
  const Plan large = plan_of("vit-large.json");
  EXPECT_EQ(fact(large, "parameters"), 304'326'632);
  EXPECT_NEAR(static_cast<double>(fact(large, "multiply_adds_per_image")), 61.55e9, 0.01e9);
}

// Megvii-BaseDetection/YOLOX, README: 0.91, 9.0 and 25.3 million parameters; 1.08, 26.8 and 73.8 GFLOP, which
// count 4 an element of each normalisation besides 2 a multiply-add of the convolutions.

/// FLOPs as YOLOX's authors count them (yolox/utils/model_utils.py, by thop).
double published_gflops(const Plan& plan) {
  double flops = 0;
  for (const Step& step : stage(plan, "network").steps)
    if (const auto* conv = dynamic_cast<const Conv2d*>(step.op.get())) {
      const double elements = static_cast<double>(conv->outputs()[0].elements());
      const double taps = static_cast<double>(conv->p.kernel_h * conv->p.kernel_w * conv->group_channels());
      const bool normalised = conv->p.activation != Activation::none;
      flops += 2 * elements * taps + (normalised ? 4 * elements : 0);
    }
  return flops * 1e-9;
}

TEST(Vision, CountsYoloxAsPublished) {
  const Plan nano = plan_of("yolox-nano.json"), s = plan_of("yolox-s.json"), m = plan_of("yolox-m.json");
  EXPECT_EQ(fact(nano, "parameters"), 912'159);
  EXPECT_EQ(fact(nano, "candidates"), 3'549);
  EXPECT_NEAR(2e-9 * static_cast<double>(fact(nano, "multiply_adds_per_image")), 1.0451, 0.0001);
  EXPECT_EQ(fact(s, "parameters"), 8'968'255);
  EXPECT_EQ(fact(s, "candidates"), 8'400);
  EXPECT_NEAR(2e-9 * static_cast<double>(fact(s, "multiply_adds_per_image")), 26.686, 0.001);
  EXPECT_EQ(fact(m, "parameters"), 25'326'495);
  EXPECT_NEAR(published_gflops(nano), 1.0786, 0.001);
  EXPECT_NEAR(published_gflops(s), 26.805, 0.01);
  EXPECT_NEAR(published_gflops(m), 73.75, 0.01);
}

TEST(Vision, GoesFromTheHostToTheDevice) {
  const Plan plan = plan_of("resnet-50.json", {"/load/batch=2"});
  std::vector<std::string> names;
  for (const auto& stage : plan.stages()) {
    names.push_back(stage->name);
    EXPECT_EQ(stage->place, stage->name == "decode" ? Place::host : Place::device);
    EXPECT_EQ(stage->items, 2);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"decode", "upload", "preprocess", "network", "postprocess"}));
}

TEST(Vision, UsesEveryWeightOnce) {
  for (const char* file : {"resnet-50.json", "vit-base.json", "yolox-nano.json"}) {
    const Plan plan = plan_of(file);
    std::multiset<std::size_t> uses;
    for (const auto& stage : plan.stages())
      for (const Step& step : stage->steps)
        for (const Value value : step.in)
          if (plan.tensor(value).role == Role::weight) uses.insert(value.id);
    for (std::size_t t = 0; t < plan.tensors().size(); ++t)
      if (plan.tensors()[t].role == Role::weight) {
        EXPECT_EQ(uses.count(t), 1u) << file << " " << plan.tensors()[t].spec.name;
      }
  }
}

TEST(Vision, NamesItsWeightsAsTwoLibrariesDo) {
  const Plan plan = plan_of("resnet-50.json");
  const PlanTensor& conv = plan.tensor(*plan.find("stages.1.0.conv2.weight"));
  EXPECT_EQ(conv.source.tensors, (std::vector<std::string>{"layer2.0.conv2.weight"}));
  EXPECT_EQ(conv.source.folded->mean, "layer2.0.bn2.running_mean");
  EXPECT_EQ(conv.source.also,
            (std::vector<std::string>{"resnet.encoder.stages.1.layers.0.layer.1.convolution.weight"}));
  EXPECT_EQ(conv.source.also_folded->gain, "resnet.encoder.stages.1.layers.0.layer.1.normalization.weight");
  const Plan vit = plan_of("vit-base.json");
  const PlanTensor& qkv = vit.tensor(*vit.find("layers.3.qkv.bias"));
  EXPECT_EQ(qkv.source.tensors.size(), 3u);
  EXPECT_EQ(qkv.source.tensors[1], "vit.encoder.layer.3.attention.attention.key.bias");
  EXPECT_EQ(qkv.source.also,
            (std::vector<std::string>{"encoder.layers.encoder_layer_3.self_attention.in_proj_bias"}));
}

// v1.5: the 3x3 convolution of a stage's first bottleneck halves the image.
TEST(Vision, HalvesInTheThreeByThreeOfABottleneck) {
  const Plan plan = plan_of("resnet-50.json");
  for (const Step& step : stage(plan, "network").steps)
    if (const auto* conv = dynamic_cast<const Conv2d*>(step.op.get());
        conv != nullptr && step.name.starts_with("stages.1.0.conv")) {
      EXPECT_EQ(conv->p.stride_h, step.name.ends_with("conv2") ? 2 : 1) << step.name;
    }
}

TEST(Vision, ShowsNoFigureWithoutItsImages) {
  EXPECT_EQ(plan_of("resnet-50.json").conditions, (std::vector<std::string>{"image"}));
  EXPECT_EQ(plan_of("resnet-50.json").find_fact("image")->value.get<std::string>(), "64x48");
}

TEST(Vision, WithBatchesInFlightMeasuresTheWindow) {
  const Plan plan = plan_of("yolox-nano.json", {"/load/in_flight=3", "/load/batch=2"});
  EXPECT_EQ(plan.in_flight, 3);
  const auto sustained = std::ranges::find(plan.metrics, "sustained_images_per_s", &MetricSpec::name);
  ASSERT_NE(sustained, plan.metrics.end());
  EXPECT_EQ(sustained->amount, 6);
  EXPECT_EQ(std::ranges::find(plan.metrics, "images_per_s", &MetricSpec::name), plan.metrics.end());
}

TEST(Vision, SaysThatBoxesArePlanted) {
  const Plan planted = plan_of("yolox-nano.json", {"/load/candidates=50"});
  EXPECT_NE(std::ranges::find_if(planted.notes,
                                 [](const std::string& n) { return n.find("sure of 50") != n.npos; }),
            planted.notes.end());
  for (const std::string& note : plan_of("yolox-nano.json", {"/load/candidates=0"}).notes)
    EXPECT_EQ(note.find("sure of"), std::string::npos);
}

TEST(PlantedBoxes, AreAsManyAsWantedOfEachImage) {
  const std::vector<std::int64_t> cells = {8, 4};
  for (const std::int64_t sure : {1, 7, 80, 1000}) {
    const Fill fill = planted_prior(3, cells, sure, 1);
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_EQ(std::count_if(fill.data->data() + 80 * i, fill.data->data() + 80 * (i + 1),
                              [](float p) { return p > 0; }),
                std::min<std::int64_t>(sure, 80));
  }
}

TEST(MeanSquare, IsThatOfWhatAnActivationLeaves) {
  EXPECT_NEAR(mean_square_after(Activation::none, 2), 4, 1e-6);
  EXPECT_NEAR(mean_square_after(Activation::relu, std::sqrt(2.0)), 1, 1e-6);
  EXPECT_NEAR(mean_square_after(Activation::silu, 1), 0.3557, 2e-4);
}

TEST(Vision, TakesTheFilesOfAFolderAndNamesThoseItCannot) {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& name, std::vector<std::uint8_t> bytes) {
    std::ofstream(folder.path() / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  const std::vector<std::uint8_t> good = encode_jpeg(random_scene(1, {.height = 20, .width = 30}));
  write("a.jpg", good);
  write("b.JPEG", {good.begin(), good.begin() + 200});
  write("c.jpg", {'n', 'o'});
  write("d.png", good);
  write("e.jpg", encode_jpeg(random_scene(2, {.height = 10, .width = 40})));
  const Plan plan = plan_of("resnet-50.json", {"/load/batch=3", "/load/images=" + folder.path().string()});
  ASSERT_EQ(plan.notes.size(), 3u);  // two of the folder, one of the number format
  EXPECT_NE(plan.notes[0].find("2 of 4 files"), std::string::npos) << plan.notes[0];
  EXPECT_NE(plan.notes[0].find("b.JPEG"), std::string::npos) << plan.notes[0];
  EXPECT_NE(plan.notes[1].find("repeat"), std::string::npos);
  EXPECT_EQ(fact(plan, "pixels_per_image"), (20 * 30 + 10 * 40 + 20 * 30) / 3);
  EXPECT_FALSE(plan.exhibit) << "they are not ours to show";
}

class BadVision : public ::testing::Test {
 protected:
  static std::string complaint(const std::vector<std::string>& overrides) {
    return bad_input([&] { plan_of("resnet-50.json", overrides); });
  }
};

TEST_F(BadVision, NameWhatIsWrongWithTheImage) {
  for (const char* image : {"", "x", "10", "0x5", "5x0", "70000x10", "10x10x10", "-5x5", "1e3x10"})
    EXPECT_NE(complaint({std::string("/load/image=\"") + image + "\""}).find("image"), std::string::npos)
        << image;
}

TEST_F(BadVision, AreFoldersWithoutFiles) {
  const test::TemporaryFolder empty;
  EXPECT_NE(complaint({"/load/images=" + empty.path().string()}).find("holds no JPEG"), std::string::npos);
  EXPECT_NE(complaint({"/load/images=/nowhere/at/all"}).find("cannot be read as a folder"),
            std::string::npos);
}

TEST_F(BadVision, AreModelsThatDoNotFitTogether) {
  const auto says = [](const std::string& model, const std::string& what) {
    const std::string error = bad_input([&] { plan_of("resnet-50.json", {"/model=" + model}); });
    EXPECT_NE(error.find(what), std::string::npos) << error;
  };
  says(R"({"architectures": ["ResNetForImageClassification"], "depths": [1], "hidden_sizes": [8, 16]})",
       "depths");
  says(R"({"architectures": ["ResNetForImageClassification"], "layer_type": "odd"})", "layer_type");
  says(R"({"architectures": ["ResNetForImageClassification"], "hidden_sizes": [10], "depths": [1]})",
       "hidden_sizes");
  says(R"({"architectures": ["ViTForImageClassification"], "num_attention_heads": 7})",
       "num_attention_heads");
  says(R"({"architectures": ["ViTForImageClassification"], "patch_size": 15})", "patch_size");
  says(R"({"architectures": ["ViTForImageClassification"], "num_channels": 1})", "num_channels");
  says(R"({"architectures": ["YOLOX"], "depth": 0.33, "width": 0.5, "image_size": 100})", "image_size");
  says(R"({"architectures": ["YOLOX"], "depth": 0.33})", "width");
  says(R"({"architectures": ["SwinForImageClassification"]})", "SwinForImageClassification");
}

TEST_F(BadVision, AreBatchesOfMoreFilesThan32BitsCount) {
  complaint({"/load/batch=65536", "/load/image=65500x65500"});
}

TEST(Vision, IsPlannedByEveryConfig) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(ASSAY_SOURCE_DIR) / "configs/vision")) {
    const std::vector<std::filesystem::path> files = {entry.path()};
    const std::vector<std::string> small = {"/load/image=64x48", "/load/batch=1"};
    for (const Case& one : load_runs(files, small).expand()) EXPECT_FALSE(one.make_plan().stages().empty());
  }
}

}  // namespace
}  // namespace assay::vision_tests
