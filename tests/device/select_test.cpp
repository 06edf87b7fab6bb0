// SPDX-License-Identifier: Apache-2.0
#include "device/select.h"

#include <gtest/gtest.h>

namespace assay::select_tests {
namespace {

DeviceInfo device(const char* id, const char* kind) {
  DeviceInfo info;
  info.id = id;
  info.kind = kind;
  return info;
}

std::vector<DeviceInfo> one_cpu() {
  return {device("cpu", "cpu")};
}
std::vector<DeviceInfo> two_gpus() {
  return {device("cuda:0", "cuda"), device("cuda:1", "cuda")};
}
std::vector<DeviceInfo> no_gpus() {
  return {};
}
std::vector<DeviceInfo> no_driver() {
  throw Error(ExitCode::device_failed, "libcuda.so.1 is not installed");
}

const Backend kCpu{.name = "cpu", .version = nullptr, .find = one_cpu, .open = nullptr, .kernels = {}};
const Backend kCuda{.name = "cuda", .version = nullptr, .find = two_gpus, .open = nullptr, .kernels = {}};
const Backend kCudaEmpty{.name = "cuda", .version = nullptr, .find = no_gpus, .open = nullptr, .kernels = {}};
const Backend kCudaDriverless{
    .name = "cuda", .version = nullptr, .find = no_driver, .open = nullptr, .kernels = {}};

std::vector<std::string> ids(const Backends& backends, const std::vector<std::string>& selectors) {
  std::vector<std::string> found;
  for (const SelectedDevice& device : select_devices(backends, selectors)) found.push_back(device.id);
  return found;
}

Error failure(const Backends& backends, const std::string& selector) {
  try {
    select_devices(backends, {selector});
  } catch (const Error& error) {
    return error;
  }
  return {ExitCode::ok, "nothing failed"};
}

using Ids = std::vector<std::string>;

TEST(SelectDevices, AutoIsEveryGpuAndTheCpuOnlyWhereThereIsNone) {
  EXPECT_EQ(ids({{&kCpu, &kCuda}, {}}, {"auto"}), (Ids{"cuda:0", "cuda:1"}));
  EXPECT_EQ(ids({{&kCpu, &kCudaEmpty}, {}}, {"auto"}), (Ids{"cpu"}));
  EXPECT_EQ(ids({{&kCpu, &kCudaDriverless}, {}}, {}), (Ids{"cpu"}));
}

TEST(SelectDevices, GpuIsAnotherNameForCuda) {
  EXPECT_EQ(ids({{&kCpu, &kCuda}, {}}, {"gpu"}), (Ids{"cuda:0", "cuda:1"}));
  EXPECT_EQ(ids({{&kCpu, &kCuda}, {}}, {"gpu:1"}), (Ids{"cuda:1"}));
}

TEST(SelectDevices, AllIsTheCpuAndEveryGpu) {
  EXPECT_EQ(ids({{&kCpu, &kCuda}, {}}, {"all"}), (Ids{"cpu", "cuda:0", "cuda:1"}));
}

TEST(SelectDevices, EachDeviceComesOnceInTheOrderAskedFor) {
  EXPECT_EQ(ids({{&kCpu, &kCuda}, {}}, {"cuda:1", "cpu", "cuda", "cuda:1"}),
            (Ids{"cuda:1", "cpu", "cuda:0"}));
}

TEST(SelectDevices, SaysWhyTheBackendIsMissing) {
  const Error error = failure({{&kCpu}, {{"cuda", "libassay_cuda.so is not there"}}}, "cuda");
  EXPECT_EQ(error.code, ExitCode::device_failed);
  EXPECT_STREQ(error.what(), "no device cuda: libassay_cuda.so is not there");
}

TEST(SelectDevices, SaysWhatTheBackendLookedFor) {
  const Error error = failure({{&kCpu, &kCudaDriverless}, {}}, "cuda:0");
  EXPECT_EQ(error.code, ExitCode::device_failed);
  EXPECT_STREQ(error.what(), "no device cuda:0: libcuda.so.1 is not installed");
}

TEST(SelectDevices, SaysHowManyThereAre) {
  EXPECT_STREQ(failure({{&kCpu, &kCuda}, {}}, "cuda:2").what(),
               "no device cuda:2: the cuda backend finds 2 here, numbered from 0");
  EXPECT_EQ(failure({{&kCpu, &kCudaEmpty}, {}}, "cuda").code, ExitCode::device_failed);
}

TEST(SelectDevices, AnUnknownSelectorIsBadInputWithAHint) {
  for (const std::string selector : {"gpu0", "cudda", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", ""}) {
    const Error error = failure({{&kCpu, &kCuda}, {}}, selector);
    EXPECT_EQ(error.code, ExitCode::bad_input) << selector;
    EXPECT_FALSE(error.hint.empty()) << selector;
  }
  EXPECT_EQ(failure({{&kCpu, &kCuda}, {}}, "cudda").hint, "did you mean cuda?");
}

}  // namespace
}  // namespace assay::select_tests
