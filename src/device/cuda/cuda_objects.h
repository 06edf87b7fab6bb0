// SPDX-License-Identifier: Apache-2.0
// What the device hands out: memory, marks, recorded programs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "device/device.h"

namespace assay {

/// `owner` is named when there is no room.
std::unique_ptr<Memory> allocate_cuda(int index, const std::string& owner, std::int64_t bytes);

/// Pinned memory of the host.
std::unique_ptr<Memory> allocate_pinned(int index, const std::string& owner, std::int64_t bytes);

std::unique_ptr<Marks> make_cuda_marks(int index, std::size_t count);

/// Captures what `work` puts on the stream as a graph, ready to launch. Nothing runs meanwhile.
std::unique_ptr<Program> record_graph(int index, Stream& stream, const std::function<void(Stream&)>& work);

}  // namespace assay
