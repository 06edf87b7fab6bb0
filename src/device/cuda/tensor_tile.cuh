// SPDX-License-Identifier: Apache-2.0
// Tensor cores behind a wrapper: 16 x 16 tiles that a warp holds together, a (row-major) times b (plain, or
// stored transposed) added to c in f32. Where there are no tensor cores (these sources also compile for the
// host) every lane holds all of a and b and its own eight elements of c, so that the code around the tiles is
// the same. Addresses must be 32-byte aligned and strides multiples of 8 elements (4 for f32). Also: copies
// of 16 bytes from global to shared memory that do not wait.
#pragma once

#include <cstring>

#include <cuda_runtime.h>
#if defined(__CUDACC__)
#include <cuda_pipeline_primitives.h>
#include <mma.h>
#else
#include <cstdint>
#include <map>
#include <stdexcept>
#include <vector>
#endif

#include "device/cuda/convert.cuh"
#include "device/cuda/reduce.cuh"

namespace assay {

inline constexpr int kTile = 16;

#if defined(__CUDACC__)

template <typename T>
struct TileA {
  nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, kTile, kTile, kTile, T, nvcuda::wmma::row_major> data;
  __device__ void load(const T* from, int stride) { nvcuda::wmma::load_matrix_sync(data, from, stride); }
};

template <typename T, bool kTransposed>
struct TileB {
  using Layout = std::conditional_t<kTransposed, nvcuda::wmma::col_major, nvcuda::wmma::row_major>;
  nvcuda::wmma::fragment<nvcuda::wmma::matrix_b, kTile, kTile, kTile, T, Layout> data;
  __device__ void load(const T* from, int stride) { nvcuda::wmma::load_matrix_sync(data, from, stride); }
};

struct TileC {
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, kTile, kTile, kTile, float> data;
  __device__ void clear() { nvcuda::wmma::fill_fragment(data, 0.0f); }
  __device__ void load(const float* from, int stride) {
    nvcuda::wmma::load_matrix_sync(data, from, stride, nvcuda::wmma::mem_row_major);
  }
  __device__ void store(float* to, int stride) const {
    nvcuda::wmma::store_matrix_sync(to, data, stride, nvcuda::wmma::mem_row_major);
  }
  __device__ void times(const TileC& factor) {  // element by element
#pragma unroll
    for (int i = 0; i < data.num_elements; ++i) data.x[i] *= factor.data.x[i];
  }
  template <typename T, bool kTransposed>
  __device__ void add_product(const TileA<T>& a, const TileB<T, kTransposed>& b) {
    nvcuda::wmma::mma_sync(data, a.data, b.data, data);
  }
};

/// Sixteen bytes, or zeros where not `valid` (nothing is read then).
__device__ inline void copy_16_async(void* to_shared, const void* from_global, bool valid) {
  __pipeline_memcpy_async(to_shared, from_global, 16, valid ? 0 : 16);
}
__device__ inline void close_copies() {
  __pipeline_commit();
}
/// Until this thread's closed copies have landed; a barrier then shows them to the block.
__device__ inline void wait_for_copies() {
  __pipeline_wait_prior(0);
}

#else

/// What the tensor cores' loads and stores ask of an address and of the distance from row to row.
template <typename T>
void require_tile(const T* at, int stride) {
  if (reinterpret_cast<std::uintptr_t>(at) % 32 != 0 || stride * sizeof(T) % 16 != 0)
    throw std::logic_error("a tile that is not aligned to 32 bytes, or whose rows are not to 16");
}

template <typename T>
struct TileA {
  float data[kTile][kTile];  // [row, k]
  __device__ void load(const T* from, int stride) {
    require_tile(from, stride);
    for (int r = 0; r < kTile; ++r)
      for (int k = 0; k < kTile; ++k) data[r][k] = to_float(from[r * stride + k]);
  }
};

template <typename T, bool kTransposed>
struct TileB {
  float data[kTile][kTile];  // [k, column]
  __device__ void load(const T* from, int stride) {
    require_tile(from, stride);
    for (int k = 0; k < kTile; ++k)
      for (int c = 0; c < kTile; ++c)
        data[k][c] = to_float(kTransposed ? from[c * stride + k] : from[k * stride + c]);
  }
};

struct TileC {
  static constexpr int kMine = kTile * kTile / kWarp;  // elements of this lane: half a row
  float data[kMine];
  __device__ static int row() { return static_cast<int>(threadIdx.x) % kWarp / 2; }
  __device__ static int column() { return static_cast<int>(threadIdx.x) % 2 * kMine; }
  __device__ void clear() {
    for (float& value : data) value = 0;
  }
  __device__ void load(const float* from, int stride) {
    require_tile(from, stride);
    for (int i = 0; i < kMine; ++i) data[i] = from[row() * stride + column() + i];
  }
  __device__ void store(float* to, int stride) const {
    require_tile(to, stride);
    for (int i = 0; i < kMine; ++i) to[row() * stride + column() + i] = data[i];
  }
  __device__ void times(const TileC& factor) {
    for (int i = 0; i < kMine; ++i) data[i] *= factor.data[i];
  }
  template <typename T, bool kTransposed>
  __device__ void add_product(const TileA<T>& a, const TileB<T, kTransposed>& b) {
    for (int i = 0; i < kMine; ++i)
      for (int k = 0; k < kTile; ++k) data[i] += a.data[row()][k] * b.data[k][column() + i];
  }
};

/// The copies that a thread has under way: they land when it waits for them, and what they go to is a NaN
/// until then.
struct CopiesUnderWay {
  struct Copy {
    void* to;
    const void* from;  // null: zeros
  };
  std::vector<Copy> open, closed;

  static CopiesUnderWay& mine() {
    static thread_local std::map<unsigned, CopiesUnderWay>
        of_thread;  // several may share a thread of the host
    return of_thread[threadIdx.x];
  }
};
__device__ inline void copy_16_async(void* to_shared, const void* from_global, bool valid) {
  std::memset(to_shared, 0xff, 16);
  CopiesUnderWay::mine().open.push_back({to_shared, valid ? from_global : nullptr});
}
__device__ inline void close_copies() {
  auto& [open, closed] = CopiesUnderWay::mine();
  closed.insert(closed.end(), open.begin(), open.end());
  open.clear();
}
__device__ inline void wait_for_copies() {
  auto& closed = CopiesUnderWay::mine().closed;
  for (const auto& [to, from] : closed)
    *static_cast<uint4*>(to) = from != nullptr ? *static_cast<const uint4*>(from) : uint4{};
  closed.clear();
}

#endif

}  // namespace assay
