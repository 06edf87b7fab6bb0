// SPDX-License-Identifier: Apache-2.0
// oneDNN 2.6 to 3.x behind one face: the only header that includes its own, and the only place that asks for
// its version. Release 3 took away operation descriptors and the scale of an eltwise post-op ("Transition
// from v2.x to v3.x" in its manual). Owns nothing; what the two have in common is used as it is.
#pragma once

#include <dnnl.hpp>

#include <string>

namespace assay {

/// Of the library that was loaded, not of the header: "3.7.2".
inline std::string onednn_version() {
  const dnnl_version_t* const v = dnnl_version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

/// scale * algorithm(y). Release 2 has the scale in the post-op: there a second eltwise_linear in one chain
/// gives wrong numbers with AVX-512 (2.6, seen at a softcap between two of them).
inline void append_eltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha, float beta,
                           float scale = 1) {
#if DNNL_VERSION_MAJOR >= 3
  ops.append_eltwise(algorithm, alpha, beta);
  if (scale != 1) ops.append_eltwise(dnnl::algorithm::eltwise_linear, scale, 0);
#else
  ops.append_eltwise(scale, algorithm, alpha, beta);
#endif
}

/// y = x w + bias; `bias` may be null.
inline dnnl::matmul::primitive_desc matmul_descriptor(const dnnl::engine& engine, const dnnl::memory::desc& x,
                                                      const dnnl::memory::desc& w,
                                                      const dnnl::memory::desc* bias,
                                                      const dnnl::memory::desc& y,
                                                      const dnnl::primitive_attr& attributes = {}) {
#if DNNL_VERSION_MAJOR >= 3
  if (bias == nullptr) return {engine, x, w, y, attributes};
  return {engine, x, w, *bias, y, attributes};
#else
  using Desc = dnnl::matmul::desc;
  return {bias == nullptr ? Desc(x, w, y) : Desc(x, w, *bias, y), attributes, engine};
#endif
}

/// What a convolution computes besides its tensors; as oneDNN's, dilates count the gaps.
struct ConvolutionGeometry {
  dnnl::memory::dims strides, dilates, padding_begin, padding_end;
};

/// Direct, forward, with a bias. Dense layouts may be `any`.
inline dnnl::convolution_forward::primitive_desc convolution_descriptor(
    const dnnl::engine& engine, const dnnl::memory::desc& x, const dnnl::memory::desc& w,
    const dnnl::memory::desc& bias, const dnnl::memory::desc& y, const ConvolutionGeometry& g,
    const dnnl::primitive_attr& attributes) {
  constexpr auto kind = dnnl::prop_kind::forward_inference;
  constexpr auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return {engine,          kind,          algorithm, x, w, bias, y, g.strides, g.dilates,
          g.padding_begin, g.padding_end, attributes};
#else
  using Desc = dnnl::convolution_forward::desc;
  return {Desc(kind, algorithm, x, w, bias, y, g.strides, g.dilates, g.padding_begin, g.padding_end),
          attributes, engine};
#endif
}

}  // namespace assay
