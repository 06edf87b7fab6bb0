// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cuda_objects.h"

#include <algorithm>
#include <string>
#include <vector>

#include <cuda_runtime.h>

#include "base/error.h"
#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_handle.h"

namespace assay {
namespace {

cudaStream_t cuda_stream(const Stream& stream) {
  return static_cast<cudaStream_t>(stream.handle);
}

/// Of the device, or pinned memory of the host: `free` is the call that gives it back.
class CudaMemory final : public Memory {
 public:
  CudaMemory(int index, void* data, std::int64_t bytes, cudaError_t (*free)(void*))
      : index_(index), buffer_{data, bytes}, free_(free) {}
  ~CudaMemory() override {
    static_cast<void>(cudaSetDevice(index_));
    static_cast<void>(free_(buffer_.data));  // a failure here is an earlier one, reported at synchronize()
  }
  CudaMemory(const CudaMemory&) = delete;
  CudaMemory& operator=(const CudaMemory&) = delete;
  Buffer buffer() const override { return buffer_; }

 private:
  int index_;
  Buffer buffer_;
  cudaError_t (*free_)(void*);
};

class CudaMarks final : public Marks {
 public:
  CudaMarks(int index, std::size_t count) : index_(index), events_(count) {
    ASSAY_CUDA(cudaSetDevice(index));
    for (auto& event : events_) ASSAY_CUDA(cudaEventCreateWithFlags(event.out(), cudaEventDefault));
  }

  // While a graph is captured, a mark becomes a node of it: it is set at each replay.
  void record(std::size_t mark, Stream& stream) override {
    ASSAY_CUDA(cudaSetDevice(index_));
    cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
    ASSAY_CUDA(cudaStreamIsCapturing(cuda_stream(stream), &capturing));
    const unsigned flags =
        capturing == cudaStreamCaptureStatusActive ? cudaEventRecordExternal : cudaEventRecordDefault;
    ASSAY_CUDA(cudaEventRecordWithFlags(events_.at(mark).get(), cuda_stream(stream), flags));
  }

  double seconds(std::size_t from, std::size_t to) override {
    float milliseconds = 0;
    ASSAY_CUDA(cudaEventElapsedTime(&milliseconds, events_.at(from).get(), events_.at(to).get()));
    return milliseconds * 1e-3;
  }

 private:
  int index_;
  std::vector<CudaHandle<cudaEvent_t, cudaEventDestroy>> events_;
};

class CudaProgram final : public Program {
 public:
  using Executable = CudaHandle<cudaGraphExec_t, cudaGraphExecDestroy>;
  CudaProgram(int index, Executable executable) : index_(index), executable_(std::move(executable)) {}
  void launch(Stream& stream) override {
    ASSAY_CUDA(cudaSetDevice(index_));
    ASSAY_CUDA(cudaGraphLaunch(executable_.get(), cuda_stream(stream)));
  }

 private:
  int index_;
  Executable executable_;
};

}  // namespace

std::unique_ptr<Memory> allocate_cuda(int index, const std::string& owner, std::int64_t bytes) {
  ASSAY_CUDA(cudaSetDevice(index));
  void* data = nullptr;
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
  const cudaError_t status = cudaMalloc(&data, wanted);
  if (status == cudaErrorMemoryAllocation) {
    static_cast<void>(cudaGetLastError());  // it is answered here
    std::size_t free = 0, total = 0;
    ASSAY_CUDA(cudaMemGetInfo(&free, &total));
    throw Error(ExitCode::device_failed,
                owner + ": no room for " + std::to_string(bytes) + " bytes (" + std::to_string(free) +
                    " free of " + std::to_string(total) + ")",
                "choose a smaller case, or free the device: nvidia-smi lists who holds its memory");
  }
  if (status != cudaSuccess) throw_cuda_error(status, "cudaMalloc", __FILE__, __LINE__);
  return std::make_unique<CudaMemory>(index, data, bytes, cudaFree);
}

std::unique_ptr<Memory> allocate_pinned(int index, const std::string& owner, std::int64_t bytes) {
  ASSAY_CUDA(cudaSetDevice(index));
  void* data = nullptr;
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
  const cudaError_t status = cudaHostAlloc(&data, wanted, cudaHostAllocDefault);
  if (status == cudaErrorMemoryAllocation) {
    static_cast<void>(cudaGetLastError());  // it is answered here
    throw Error(ExitCode::device_failed,
                owner + ": no room for " + std::to_string(bytes) + " bytes of pinned host memory",
                "choose a smaller case, or free memory of the host");
  }
  if (status != cudaSuccess) throw_cuda_error(status, "cudaHostAlloc", __FILE__, __LINE__);
  return std::make_unique<CudaMemory>(index, data, bytes, cudaFreeHost);
}

std::unique_ptr<Marks> make_cuda_marks(int index, std::size_t count) {
  return std::make_unique<CudaMarks>(index, count);
}

std::unique_ptr<Program> record_graph(int index, Stream& stream, const std::function<void(Stream&)>& work) {
  CudaHandle<cudaGraph_t, cudaGraphDestroy> graph;
  ASSAY_CUDA(cudaStreamBeginCapture(cuda_stream(stream), cudaStreamCaptureModeThreadLocal));
  try {
    work(stream);
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(cuda_stream(stream), graph.out()));
    static_cast<void>(cudaGetLastError());
    throw;
  }
  ASSAY_CUDA(cudaStreamEndCapture(cuda_stream(stream), graph.out()));
  CudaProgram::Executable executable;
  ASSAY_CUDA(cudaGraphInstantiate(executable.out(), graph.get(), 0));
  ASSAY_CUDA(
      cudaGraphUpload(executable.get(), cuda_stream(stream)));  // so that the first launch is like the rest
  return std::make_unique<CudaProgram>(index, std::move(executable));
}

}  // namespace assay
