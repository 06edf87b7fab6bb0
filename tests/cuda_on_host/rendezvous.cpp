// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "block.h"
#include "host_runtime.h"

namespace assay::host {
namespace {

constexpr unsigned kWarp = 32;
constexpr int kPoison = 0xff;  // a NaN in every floating type

bool same(const CallSite& a, const CallSite& b) {
  return a.line() == b.line() && a.column() == b.column() && std::string_view(a.file_name()) == b.file_name();
}

std::string text_of(const CallSite& at) {
  const std::string_view file = at.file_name();
  return std::string(file.substr(file.rfind('/') + 1)) + ":" + std::to_string(at.line());
}

}  // namespace

SharedMemory::SharedMemory(const Grid& grid) : grid_(grid), data_(nullptr) {
  constexpr std::size_t kAlignment = 128;  // as dynamic_shared() declares it
  if (grid.dynamic_bytes > 0 && posix_memalign(&data_, kAlignment, grid.dynamic_bytes) != 0) std::abort();
}
SharedMemory::~SharedMemory() {
  free(data_);
}
void SharedMemory::poison() {
  for (const Grid::Variable& variable : grid_.shared) std::memset(variable.data, kPoison, variable.bytes);
  if (data_ != nullptr) std::memset(data_, kPoison, grid_.dynamic_bytes);
}

Rendezvous::Rendezvous(const Grid& grid)
    : grid_(grid), threads_(grid.count()), warps_((grid.count() + kWarp - 1) / kWarp) {
  for (unsigned t = 0; t < threads_.size(); ++t) warps_[t / kWarp].present |= 1u << t % kWarp;
}

void Rendezvous::restart() {
  arrived_ = ended_ = waiting_ = 0;
  for (Warp& warp : warps_) warp.ended = 0;
}

std::string Rendezvous::name(unsigned thread) const {
  const uint3 id = grid_.thread(thread);
  return "thread (" + std::to_string(id.x) + ", " + std::to_string(id.y) + ", " + std::to_string(id.z) + ")";
}

bool Rendezvous::arrive(unsigned thread, const Meeting& meeting) {
  threads_[thread].meeting = meeting;
  threads_[thread].waits = true;
  ++waiting_;
  return meeting.mask == 0 ? arrive_at_barrier(thread) : arrive_at_exchange(thread);
}

bool Rendezvous::arrive_at_barrier(unsigned thread) {
  const CallSite at = threads_[thread].meeting.at;
  if (ended_ > 0) host_fault("the barrier at " + text_of(at) + " is not reached by a thread that has ended");
  if (arrived_++ == 0) first_arrived_ = thread;
  if (const CallSite other = threads_[first_arrived_].meeting.at; !same(other, at))
    host_fault("a barrier at " + text_of(at) + ", while " + name(first_arrived_) + " waits at the one at " +
               text_of(other));
  if (arrived_ < threads_.size()) return false;
  arrived_ = waiting_ = 0;
  for (Thread& other : threads_) other.waits = false;
  return true;
}

bool Rendezvous::arrive_at_exchange(unsigned thread) {
  const unsigned lane = thread % kWarp;
  Thread* const lanes = &threads_[thread - lane];
  Warp& warp = warps_[thread / kWarp];
  const auto& [at, mask, value, source, orders] = lanes[lane].meeting;
  const auto fault = [&](const std::string& what) {
    host_fault("the warp's exchange at " + text_of(at) + " " + what);
  };
  const auto first_of = [](unsigned bits) { return "lane " + std::to_string(std::countr_zero(bits)); };
  if ((mask >> lane & 1u) == 0) fault("has a mask without the calling " + first_of(1u << lane));
  if ((mask & ~warp.present) != 0)
    fault("names " + first_of(mask & ~warp.present) + ", which the block has not");
  if ((mask & warp.ended) != 0) fault("names " + first_of(mask & warp.ended) + ", which has ended");
  if (source >= 0 && (mask >> source & 1u) == 0)
    fault("reads " + first_of(1u << source) + ", which is not in its mask");
  warp.waiting |= 1u << lane;
  if ((warp.waiting & mask) != mask) return false;

  const auto each_lane = [bits = mask](auto&& visit) {
    for (unsigned rest = bits; rest != 0; rest &= rest - 1) visit(std::countr_zero(rest));
  };
  Answer answer;
  each_lane([&](int l) {
    if (lanes[l].meeting.mask != mask || !same(lanes[l].meeting.at, at))
      fault("meets lane " + std::to_string(l) + " with another mask or at " + text_of(lanes[l].meeting.at));
    answer.votes |= (lanes[l].meeting.value != 0 ? 1u : 0u) << l;
  });
  each_lane([&](int l) {
    if (const int from = lanes[l].meeting.source; from >= 0) answer.value = lanes[from].meeting.value;
    lanes[l].answer = answer;
    lanes[l].waits = false;
  });
  warp.waiting &= ~mask;
  waiting_ -= static_cast<unsigned>(std::popcount(mask));
  return true;
}

void Rendezvous::leave(unsigned thread) {
  const unsigned lane = thread % kWarp;
  Warp& warp = warps_[thread / kWarp];
  warp.ended |= 1u << lane;
  ++ended_;
  if (arrived_ > 0)
    host_fault("ends, while " + name(first_arrived_) + " waits at the barrier at " +
               text_of(threads_[first_arrived_].meeting.at));
  for (unsigned l = 0; l < kWarp && warp.waiting != 0; ++l)
    if (const Thread& other = threads_[thread - lane + l];
        (warp.waiting >> l & other.meeting.mask >> lane & 1u) != 0)
      host_fault("ends, while lane " + std::to_string(l) + " waits for it in the warp's exchange at " +
                 text_of(other.meeting.at));
}

void Rendezvous::stuck() const {
  for (unsigned t = 0; t < threads_.size(); ++t)
    if ((warps_[t / kWarp].waiting >> t % kWarp & 1u) != 0)
      host_fault(name(t) + " waits for lanes of its mask that never come, in the warp's exchange at " +
                 text_of(threads_[t].meeting.at));
  host_fault("no thread can go on");
}

}  // namespace assay::host
