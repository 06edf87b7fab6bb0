// SPDX-License-Identifier: Apache-2.0
// What a piece of text is, by its form alone: a file's name, a path, a host's.
#pragma once

#include <string_view>

namespace assay {

/// Whether what stands under this key of an environment, of a device's properties or of a config names a
/// machine or a person: "hostname", "pci_bus_id", "serial". Whole words of the key decide, so that
/// "memory_bus_bits" does not.
bool identifies(std::string_view key);

/// "x.json", "photo.JPG", "model-00001-of-2.safetensors.index.json", "x.json.bak". By endings, since
/// "Qwen2.5", "2.6.3" and "model.layers.0.weight" have dots too. Shared libraries ("libcudart.so.13") are
/// not: a message that one is missing says what to install, and those that assay loads are published.
bool is_file_name(std::string_view word);

/// "node-7.acme.com", "db.internal"
bool is_host_name(std::string_view word);

/// Begins like a path that is not relative: /x, ~/x, ./x, ../x, C:\x, \\server\x.
bool begins_like_path(std::string_view text);

/// "C:\x", "\\server\x", "x\y". A pattern's "\." is none.
bool is_windows_path(std::string_view text);

/// "jo@acme", and no "mAP@0.5"
bool is_mail_or_login(std::string_view text);

/// "8", "2x64", "0.456", "16k": begins with a digit and holds no word.
bool is_number_like(std::string_view word);

}  // namespace assay
