// SPDX-License-Identifier: Apache-2.0
// Memory, streams, events, graphs and launches. Work on a stream waits until somebody waits for it, so that a
// missing synchronisation shows; whatever breaks a rule ends the process through host_fault(). Threads of the
// host may call at once; the device does one thing after another.
#include "host_runtime.h"

#include <dlfcn.h>
#include <sanitizer/common_interface_defs.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>

#include <cuda_runtime_api.h>

#include "block.h"
#include "kernel_symbols.h"

namespace assay {
namespace {

constexpr int kPoison = 0xff;  // a NaN in every floating type
constexpr std::size_t kAlignment = 256;
constexpr std::size_t kAlwaysGranted = 48 << 10;  // shared memory that needs no asking

struct Work {
  std::string what;
  std::function<void()> run;
};
using Nodes = std::shared_ptr<std::deque<Work>>;
struct StreamState {
  std::deque<Work> queue;
  Nodes capture;  // while capturing
  bool capture_broken = false;
};
struct EventState {
  std::optional<std::uint64_t> at_ns;  // once reached
};

/// Live objects of one kind by handle. A handle is not used twice, so that one of the dead is known.
template <typename Handle, typename State>
class Objects {
 public:
  explicit Objects(const char* kind) : kind_(kind) {}
  Objects(const char* kind, Handle always, State state) : kind_(kind), ever_(1) {
    live_.emplace(always, std::move(state));
  }
  Handle add(State state) {
    const auto handle = reinterpret_cast<Handle>(next_ += 16);
    live_.emplace(handle, std::move(state));
    return handle;
  }
  State& get(Handle handle, const std::string& user) {
    const auto at = live_.find(handle);
    if (at == live_.end()) host_fault(user + " uses a " + kind_ + " that was destroyed or never made");
    return at->second;
  }
  void remove(Handle handle) {
    get(handle, "a destroy call");
    live_.erase(handle);
  }
  template <typename Visit>
  void each(Visit visit) {
    for (auto& [handle, state] : live_) visit(state);
  }
  void require_none() const {
    if (live_.size() > ever_)
      host_fault("left behind: " + std::to_string(live_.size() - ever_) + " " + kind_ + "(s)");
  }

 private:
  const char* kind_;
  std::size_t ever_ = 0;  // objects that are always there
  std::uintptr_t next_ = 0x1000;
  std::map<Handle, State> live_;
};

struct Runtime {
  std::map<const char*, std::size_t> memory;  // start -> bytes
  std::map<const char*, std::size_t> pinned;  // the same of the host's that the device sees
  Objects<cudaStream_t, StreamState> streams{"stream", nullptr, {}};
  Objects<cudaEvent_t, std::shared_ptr<EventState>> events{"event"};
  Objects<cudaGraph_t, Nodes> graphs{"graph"};
  Objects<cudaGraphExec_t, Nodes> executables{"executable graph"};
  std::map<const void*, std::size_t> granted;  // dynamic shared memory, by kernel
  std::string work;                            // at work now
};
Runtime& runtime() {
  static auto& only = *new Runtime;
  return only;
}

/// Of each thread of the host.
struct Caller {
  cudaStream_t capturing = nullptr;
  cudaError_t last = cudaSuccess;
  std::string failed_call;
};
Caller& caller() {
  thread_local Caller mine;
  return mine;
}

/// One call at a time. What a call runs may call.
struct Entry {
  Entry() { gate().lock(); }
  ~Entry() { gate().unlock(); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  static std::recursive_mutex& gate() {
    static auto& only = *new std::recursive_mutex;
    return only;
  }
};

cudaError_t fail(cudaError_t error, const std::string& call) {
  caller().last = error;
  caller().failed_call = call;
  return error;
}

void require_errors_read(const std::string& before) {
  if (caller().last != cudaSuccess)
    host_fault(std::string(cudaGetErrorName(caller().last)) + " of " + caller().failed_call +
               " was left unread before " + before);
}

void run_work(const Work& work) {
  constexpr std::uint64_t kWork_ns = 1000;
  runtime().work = work.what;
  work.run();
  runtime().work.clear();
  HostClock& clock = host_knobs().clock;
  clock.pass(clock.work_ns ? clock.work_ns(work.what) : kWork_ns);
}

void drain(StreamState& stream) {
  while (!stream.queue.empty()) {
    const Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    run_work(work);
  }
}

/// A call that would wait for the device breaks a capture that is going on.
cudaError_t refuse_in_capture(const char* call) {
  if (caller().capturing == nullptr) return cudaSuccess;
  runtime().streams.get(caller().capturing, call).capture_broken = true;
  return fail(cudaErrorStreamCaptureUnsupported, call);
}

std::string place() {
  const Runtime& r = runtime();
  if (r.work.empty()) return "on the host";
  const auto text = [](const auto& v) {
    return "(" + std::to_string(v.x) + ", " + std::to_string(v.y) + ", " + std::to_string(v.z) + ")";
  };
  return "in " + r.work + ", block " + text(blockIdx) + ", thread " + text(threadIdx);
}

// The sanitizers call it before they end the process. GCC's UndefinedBehaviorSanitizer is a library with a
// setter of its own, which AddressSanitizer's hides.
void say_place() {
  std::cerr << "cuda-host: " << place() << std::endl;
}
const bool said_to_sanitizers = [] {
  __sanitizer_set_death_callback(say_place);
  if (void* library = dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD))
    if (void* setter = dlsym(library, "__sanitizer_set_death_callback"))
      reinterpret_cast<void (*)(void (*)())>(setter)(say_place);
  return true;
}();

bool is_pinned(const void* at, std::size_t bytes) {
  const auto& pinned = runtime().pinned;
  const auto* byte = static_cast<const char*>(at);
  const auto next = pinned.upper_bound(byte);
  return next != pinned.begin() && byte + bytes <= std::prev(next)->first + std::prev(next)->second;
}

bool is_device(const void* at) {
  return host_device_bytes(at).has_value();
}

}  // namespace

void host_fault(const std::string& what) {
  std::cerr << "cuda-host: " << what << "\n  " << place() << std::endl;
  std::abort();
}

HostKnobs& host_knobs() {
  static HostKnobs knobs;
  return knobs;
}

void host_enqueue(cudaStream_t stream, std::function<void()> work, const std::string& what) {
  const Entry entry;
  StreamState& state = runtime().streams.get(stream, what);
  require_errors_read(what);
  (state.capture != nullptr ? *state.capture : state.queue).push_back({what, std::move(work)});
  if (host_knobs().eager && state.capture == nullptr) drain(state);
}

bool host_capturing(cudaStream_t stream) {
  const Entry entry;
  return runtime().streams.get(stream, "a question").capture != nullptr;
}

std::optional<std::size_t> host_device_bytes(const void* at) {
  const Entry entry;
  const auto& memory = runtime().memory;
  const auto* byte = static_cast<const char*>(at);
  auto next = memory.upper_bound(byte);
  if (next == memory.begin() || byte >= std::prev(next)->first + std::prev(next)->second) return std::nullopt;
  --next;
  return static_cast<std::size_t>(next->first + next->second - byte);
}

void host_require_device(const void* at, std::size_t bytes, std::size_t alignment, const std::string& what) {
  if (bytes == 0) return;
  const auto room = host_device_bytes(at);
  if (!room) host_fault(what + ": not device memory, or freed");
  if (*room < bytes)
    host_fault(what + ": wants " + std::to_string(bytes) + " bytes, its memory ends after " +
               std::to_string(*room));
  if (reinterpret_cast<std::uintptr_t>(at) % alignment != 0)
    host_fault(what + ": not aligned to " + std::to_string(alignment) + " bytes");
}

std::size_t host_taken_bytes() {
  const Entry entry;
  std::size_t bytes = 0;
  for (const auto& [start, size] : runtime().memory) bytes += size;
  return bytes;
}

void host_require_clean() {
  Runtime& r = runtime();
  require_errors_read("the end");
  if (!r.memory.empty())
    host_fault("left behind: " + std::to_string(r.memory.size()) +
               " allocation(s) of device memory, the first of " + std::to_string(r.memory.begin()->second) +
               " bytes");
  if (!r.pinned.empty()) host_fault("left behind: memory of cudaHostAlloc");
  r.streams.require_none();
  r.events.require_none();
  r.graphs.require_none();
  r.executables.require_none();
}

namespace host {
cudaError_t launch(const void* function, dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
                   std::function<void()> body) {
  const Entry entry;
  const KernelSymbols& symbols = symbols_of(function);
  const HostTarget& target = host_target();
  const auto refuse_above = [&](std::size_t value, std::size_t most, const char* what) {
    if (value > most)
      host_fault("kernel " + symbols.name + " is launched with " + std::to_string(value) + " " + what + "; " +
                 target.name + " allows " + std::to_string(most));
  };
  refuse_above(grid.x, 0x7fffffff, "blocks along x");
  refuse_above(grid.y, 65535, "blocks along y");
  refuse_above(grid.z, 65535, "blocks along z");
  refuse_above(block.x, 1024, "threads along x");
  refuse_above(block.y, 1024, "threads along y");
  refuse_above(block.z, 64, "threads along z");
  refuse_above(std::size_t{block.x} * block.y * block.z, 1024, "threads a block");
  if (std::size_t{grid.x} * grid.y * grid.z == 0 || std::size_t{block.x} * block.y * block.z == 0)
    host_fault("kernel " + symbols.name + " is launched with an empty grid or block");
  std::size_t fixed = 0;
  for (const Grid::Variable& variable : symbols.shared) fixed += variable.bytes;
  refuse_above(fixed, kAlwaysGranted, "bytes of static shared memory");
  refuse_above(fixed + shared_bytes, target.most_shared, "bytes of shared memory");
  const auto asked = runtime().granted.find(function);
  const std::size_t granted = asked == runtime().granted.end() ? kAlwaysGranted - fixed : asked->second;
  if (shared_bytes > granted)
    host_fault("kernel " + symbols.name + " is launched with " + std::to_string(shared_bytes) +
               " bytes of dynamic shared memory; it was granted " + std::to_string(granted));
  // What a host equivalent of an instruction refuses, it throws.
  const auto guarded = [body = std::move(body)] {
    try {
      body();
    } catch (const std::exception& refused) {
      host_fault(refused.what());
    }
  };
  host_enqueue(
      stream, [grid = Grid{grid, block, shared_bytes, symbols.shared, guarded}] { run(grid); },
      "kernel " + symbols.name);
  return cudaSuccess;
}
}  // namespace host

}  // namespace assay

using namespace assay;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorInvalidResourceHandle: return "cudaErrorInvalidResourceHandle";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorNotReady: return "cudaErrorNotReady";
    case cudaErrorNotSupported: return "cudaErrorNotSupported";
    case cudaErrorStreamCaptureUnsupported: return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated: return "cudaErrorStreamCaptureInvalidated";
    default: return "another cudaError";
  }
}
const char* cudaGetErrorString(cudaError_t error) {
  return cudaGetErrorName(error);
}
cudaError_t cudaGetLastError() {
  return std::exchange(caller().last, cudaSuccess);
}

cudaError_t cudaMalloc(void** data, std::size_t bytes) {
  const Entry entry;
  if (const cudaError_t refused = refuse_in_capture("cudaMalloc"); refused != cudaSuccess) return refused;
  if (bytes > host_knobs().memory_bytes - host_taken_bytes() || posix_memalign(data, kAlignment, bytes) != 0)
    return fail(cudaErrorMemoryAllocation, "cudaMalloc");
  std::memset(*data, kPoison, bytes);
  runtime().memory[static_cast<const char*>(*data)] = bytes;
  return cudaSuccess;
}
cudaError_t cudaFree(void* data) {
  const Entry entry;
  if (data == nullptr) return cudaSuccess;
  if (const cudaError_t refused = refuse_in_capture("cudaFree"); refused != cudaSuccess) return refused;
  runtime().streams.each(drain);  // it waits for the device
  if (runtime().memory.erase(static_cast<const char*>(data)) == 0)
    host_fault("cudaFree of what cudaMalloc did not give, or twice");
  free(data);
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** data, std::size_t bytes, unsigned) {
  const Entry entry;
  if (const cudaError_t refused = refuse_in_capture("cudaHostAlloc"); refused != cudaSuccess) return refused;
  if (bytes > host_knobs().pinnable_bytes) return fail(cudaErrorMemoryAllocation, "cudaHostAlloc");
  *data = malloc(bytes);
  std::memset(*data, kPoison, bytes);
  runtime().pinned[static_cast<const char*>(*data)] = bytes;
  return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** seen, void* data, unsigned) {
  const Entry entry;
  if (!runtime().pinned.contains(static_cast<const char*>(data)))
    host_fault("cudaHostGetDevicePointer of what cudaHostAlloc did not give");
  *seen = data;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* data) {
  const Entry entry;
  runtime().streams.each(drain);
  if (runtime().pinned.erase(static_cast<const char*>(data)) == 0)
    host_fault("cudaFreeHost of what cudaHostAlloc did not give, or twice");
  free(data);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const Entry entry;
  const bool to_device = kind == cudaMemcpyDefault ? is_device(to) : kind != cudaMemcpyDeviceToHost;
  const bool from_device = kind == cudaMemcpyDefault ? is_device(from) : kind != cudaMemcpyHostToDevice;
  StreamState& state = runtime().streams.get(stream, "a copy");
  if (to_device) host_require_device(to, bytes, 1, "the target of a copy");
  if (from_device) host_require_device(from, bytes, 1, "the source of a copy");
  if ((!to_device && is_device(to)) || (!from_device && is_device(from)))
    host_fault("a copy of another kind than it says");
  // Of pageable memory: what comes from the host is taken at once, what goes there has arrived on return.
  const auto is_pageable = [&](const void* at) { return !is_device(at) && !is_pinned(at, bytes); };
  const bool pageable = (is_pageable(from) || is_pageable(to)) && state.capture == nullptr;
  std::shared_ptr<char[]> taken;
  if (pageable && is_pageable(from)) {
    taken = std::make_shared<char[]>(bytes);
    std::memcpy(taken.get(), from, bytes);
  }
  host_enqueue(
      stream, [=] { std::memmove(to, taken != nullptr ? taken.get() : from, bytes); }, "a copy");
  if (pageable && is_pageable(to)) drain(state);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const Entry entry;
  const cudaStream_t stream = nullptr;  // the default stream does not wait for those that are non-blocking
  cudaMemcpyAsync(to, from, bytes, kind, stream);
  return cudaStreamSynchronize(stream);
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  const Entry entry;
  if (!is_pinned(to, bytes)) host_require_device(to, bytes, 1, "a memset");
  host_enqueue(
      stream, [=] { std::memset(to, value, bytes); }, "a memset");
  return cudaSuccess;
}

cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  const Entry entry;
  const cudaStream_t stream = nullptr;
  cudaMemsetAsync(to, value, bytes, stream);
  return cudaStreamSynchronize(stream);
}
cudaError_t cudaDeviceSynchronize() {
  const Entry entry;
  if (const cudaError_t refused = refuse_in_capture("cudaDeviceSynchronize"); refused != cudaSuccess)
    return refused;
  require_errors_read("cudaDeviceSynchronize");
  runtime().streams.each(drain);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const Entry entry;
  *stream = runtime().streams.add({});
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Entry entry;
  drain(runtime().streams.get(stream, "cudaStreamDestroy"));
  runtime().streams.remove(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Entry entry;
  StreamState& state = runtime().streams.get(stream, "cudaStreamSynchronize");
  if (const cudaError_t refused = refuse_in_capture("cudaStreamSynchronize"); refused != cudaSuccess)
    return refused;
  require_errors_read("cudaStreamSynchronize");
  drain(state);
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  const Entry entry;
  *event = runtime().events.add(std::make_shared<EventState>());
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Entry entry;
  runtime().events.remove(event);
  return cudaSuccess;
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  const Entry entry;
  const auto& state = runtime().events.get(event, "cudaEventRecord");
  // Captured the plain way an event only joins streams; it can be set outside the graph with the external
  // flag alone.
  if (host_capturing(stream) != (flags == cudaEventRecordExternal))
    return fail(cudaErrorInvalidValue, "cudaEventRecordWithFlags");
  state->at_ns.reset();
  host_enqueue(
      stream, [state] { state->at_ns = host_knobs().clock.now_ns; }, "an event");
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  const Entry entry;
  constexpr const char* kCall = "cudaEventElapsedTime";
  const auto first = runtime().events.get(from, kCall)->at_ns, last = runtime().events.get(to, kCall)->at_ns;
  if (!first || !last) return fail(cudaErrorNotReady, kCall);
  if (!host_knobs().has_clock)
    return fail(cudaErrorNotSupported, std::string(kCall) + " (cuda-host has no clock)");
  *milliseconds = static_cast<float>(static_cast<double>(*last - *first) * 1e-6);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const Entry entry;
  StreamState& state = runtime().streams.get(stream, "cudaStreamBeginCapture");
  if (caller().capturing != nullptr) return fail(cudaErrorStreamCaptureUnsupported, "cudaStreamBeginCapture");
  state.capture = std::make_shared<std::deque<Work>>();
  state.capture_broken = false;
  caller().capturing = stream;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Entry entry;
  StreamState& state = runtime().streams.get(stream, "cudaStreamEndCapture");
  caller().capturing = nullptr;
  const Nodes nodes = std::exchange(state.capture, nullptr);
  if (nodes == nullptr || state.capture_broken)
    return fail(cudaErrorStreamCaptureInvalidated, "cudaStreamEndCapture");
  *graph = runtime().graphs.add(nodes);
  return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const Entry entry;
  *status = host_capturing(stream) ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  const Entry entry;
  *executable = runtime().executables.add(runtime().graphs.get(graph, "cudaGraphInstantiate"));
  return cudaSuccess;
}
cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t stream) {
  const Entry entry;
  runtime().executables.get(executable, "cudaGraphUpload");
  runtime().streams.get(stream, "cudaGraphUpload");
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const Entry entry;
  for (const Work& work : *runtime().executables.get(executable, "cudaGraphLaunch"))
    host_enqueue(stream, work.run, work.what);
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const Entry entry;
  runtime().graphs.remove(graph);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const Entry entry;
  runtime().executables.remove(executable);
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  const Entry entry;
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0)
    return fail(cudaErrorInvalidValue, "cudaFuncSetAttribute");
  const auto bytes = static_cast<std::size_t>(value);
  if (bytes > host_target().most_shared)
    host_fault("kernel " + host::symbols_of(function).name + " asks for " + std::to_string(bytes) +
               " bytes of dynamic shared memory; " + host_target().name + " allows " +
               std::to_string(host_target().most_shared));
  runtime().granted[function] = bytes;
  return cudaSuccess;
}
cudaError_t cudaFuncGetName(const char** name, const void* function) {
  const Entry entry;
  *name = host::symbols_of(function).name.c_str();
  return cudaSuccess;
}
