// SPDX-License-Identifier: Apache-2.0
// cuDNN 9, which a build can use without having it and a machine may lack.
#pragma once

#include <memory>

namespace assay {

/// Opens it, once a process, for the frontend too; it stays open, since plans and handles point into it.
/// Unsupported where there is none, with where it was looked for.
void* open_cudnn();

/// A cudnnHandle_t on the current device, whose work goes to `stream` (a cudaStream_t). Unsupported as above,
/// or where it cannot start. One thread at a time may use it.
std::shared_ptr<void> make_cudnn_handle(void* stream);

}  // namespace assay
