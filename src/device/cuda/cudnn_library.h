// SPDX-License-Identifier: Apache-2.0
// cuDNN 9, which a build can use without having it and a machine may lack.
#pragma once

namespace assay {

/// Opens it, once a process, for the frontend too; it stays open, since plans and handles point into it.
/// Unsupported where there is none, with where it was looked for.
void* open_cudnn();

}  // namespace assay
