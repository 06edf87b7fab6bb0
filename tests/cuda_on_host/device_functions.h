// SPDX-License-Identifier: Apache-2.0
// The device functions that our kernels call and that the toolkit's headers have for the device only. A
// kernel that needs another one adds it here.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

#include "block.h"

using HostCallSite = std::source_location;

inline void __syncthreads(HostCallSite at = HostCallSite::current()) {
  assay::host::meet({.at = at});
}
inline void __syncwarp(unsigned mask = ~0u, HostCallSite at = HostCallSite::current()) {
  assay::host::meet({.at = at, .mask = mask});
}
inline void __threadfence() {}  // atomics order everything here
inline void __threadfence_system() {}
long long clock64();  // by the script in host_runtime.h
void __nanosleep(unsigned ns);

namespace assay::host {
template <typename T>
T shuffle(unsigned mask, T value, int source, HostCallSite at) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = meet({.at = at, .mask = mask, .value = bits, .source = source, .orders_memory = false}).value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline unsigned ballot(unsigned mask, bool vote, HostCallSite at) {
  return meet({.at = at, .mask = mask, .value = vote ? 1u : 0u, .orders_memory = false}).votes;
}
}  // namespace assay::host

template <typename T>
T __shfl_sync(unsigned mask, T v, int from, int width = 32, HostCallSite at = HostCallSite::current()) {
  return assay::host::shuffle(mask, v, assay::host::lane() / width * width + from % width, at);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T v, int step, int width = 32, HostCallSite at = HostCallSite::current()) {
  const int lane = assay::host::lane(),
            from = lane ^ step;  // upwards it stays within its own part of the warp
  return assay::host::shuffle(mask, v, from / width > lane / width ? lane : from, at);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T v, int step, int width = 32, HostCallSite at = HostCallSite::current()) {
  const int lane = assay::host::lane();
  return assay::host::shuffle(mask, v, lane % width >= step ? lane - step : lane, at);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T v, int step, int width = 32, HostCallSite at = HostCallSite::current()) {
  const int lane = assay::host::lane();
  return assay::host::shuffle(mask, v, lane % width + step < width ? lane + step : lane, at);
}
inline unsigned __ballot_sync(unsigned mask, bool vote, HostCallSite at = HostCallSite::current()) {
  return assay::host::ballot(mask, vote, at);
}
inline int __any_sync(unsigned mask, bool vote, HostCallSite at = HostCallSite::current()) {
  return assay::host::ballot(mask, vote, at) != 0 ? 1 : 0;
}
inline int __all_sync(unsigned mask, bool vote, HostCallSite at = HostCallSite::current()) {
  return assay::host::ballot(mask, vote, at) == mask ? 1 : 0;
}
inline int __popc(unsigned bits) {
  return std::popcount(bits);
}
inline int __popcll(unsigned long long bits) {
  return std::popcount(bits);
}

namespace assay::host {
// Sequentially consistent: the host does not model the device's weaker orders.
template <typename T, typename Change>
T change_atomically(T* at, Change change) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  auto* place = reinterpret_cast<Bits*>(at);
  Bits old = __atomic_load_n(place, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(place, &old, std::bit_cast<Bits>(change(std::bit_cast<T>(old))), false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
  }
  return std::bit_cast<T>(old);
}
}  // namespace assay::host

template <typename T>
T atomicAdd(T* at, std::type_identity_t<T> v) {
  return assay::host::change_atomically(at, [v](T old) { return static_cast<T>(old + v); });
}
template <typename T>
T atomicMax(T* at, std::type_identity_t<T> v) {
  return assay::host::change_atomically(at, [v](T old) { return std::max(old, v); });
}
template <typename T>
T atomicExch(T* at, std::type_identity_t<T> v) {
  return assay::host::change_atomically(at, [v](T) { return v; });
}

template <typename T>
T __ldcg(const T* from) {
  return *from;
}
template <typename T>
T __ldcs(const T* from) {
  return *from;
}
inline std::uint32_t __float_as_uint(float f) {
  return std::bit_cast<std::uint32_t>(f);
}
inline float __uint_as_float(std::uint32_t u) {
  return std::bit_cast<float>(u);
}
inline unsigned long long __float2ull_rn(float f) {
  return static_cast<unsigned long long>(std::nearbyint(f));
}
inline float rsqrtf(float f) {
  return 1 / std::sqrt(f);
}
template <typename A, typename B>
std::common_type_t<A, B> min(A a, B b) {
  return a < b ? a : b;
}
template <typename A, typename B>
std::common_type_t<A, B> max(A a, B b) {
  return a > b ? a : b;
}
