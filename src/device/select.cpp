// SPDX-License-Identifier: Apache-2.0
#include "device/select.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::string_view kHost = "cpu";
constexpr std::string_view kAccelerator = "cuda";  // known by name even where its library is not there

std::vector<SelectedDevice> devices_of(const Backend& backend) {
  std::vector<SelectedDevice> devices;
  for (const DeviceInfo& info : backend.find())
    devices.push_back({&backend, static_cast<int>(devices.size()), info.id});
  return devices;
}

/// For `auto` and `all`: a backend that finds nothing, or cannot look, has no devices.
std::vector<SelectedDevice> devices_if_any(const Backend& backend) {
  try {
    return devices_of(backend);
  } catch (const Error&) {
    return {};
  }
}

[[noreturn]] void not_there(const std::string& selector, const std::string& looked_for) {
  throw Error(ExitCode::device_failed, fmt::format("no device {}: {}", selector, looked_for),
              "`assay list devices` shows what is here; `--device cpu` runs anywhere");
}

/// `12` -> 12; -1 for text that is not such a number.
int index_in(std::string_view text) {
  int index = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc() && end == text.data() + text.size() ? index : -1;
}

std::vector<SelectedDevice> named(const Backends& backends, const std::string& selector) {
  const std::string_view text = selector;
  const std::size_t colon = text.find(':');
  const std::string_view asked = text.substr(0, colon);
  const std::string_view name = asked == "gpu" ? kAccelerator : asked;  // what many call it
  const bool whole = colon == std::string_view::npos;
  const int index = whole ? 0 : index_in(text.substr(colon + 1));
  const bool well_formed = index >= 0;

  for (const Backend* backend : backends.present) {
    if (backend->name != name || !well_formed) continue;
    std::vector<SelectedDevice> found;
    try {
      found = devices_of(*backend);
    } catch (const Error& error) {
      not_there(selector, error.what());
    }
    if (found.empty()) not_there(selector, fmt::format("the {} backend finds none here", name));
    if (whole) return found;
    if (static_cast<std::size_t>(index) < found.size()) return {found[static_cast<std::size_t>(index)]};
    not_there(selector, fmt::format("the {} backend finds {} here, numbered from 0", name, found.size()));
  }
  for (const Backends::Missing& missing : backends.missing)
    if (missing.name == name && well_formed) not_there(selector, missing.reason);
  if (name == kAccelerator && well_formed) not_there(selector, "this build has no CUDA backend");

  std::vector<std::string> known = {"auto", "all", "gpu", std::string(kHost), std::string(kAccelerator)};
  for (const Backend* backend : backends.present) known.emplace_back(backend->name);
  const std::string near = nearest(selector, known);
  throw Error(
      ExitCode::bad_input, fmt::format("--device: unknown device \"{}\"", selector),
      near.empty() ? "auto, cpu, cuda, cuda:N (N from 0) or all" : fmt::format("did you mean {}?", near));
}

}  // namespace

std::vector<SelectedDevice> select_devices(const Backends& backends,
                                           const std::vector<std::string>& selectors) {
  std::vector<SelectedDevice> hosts, accelerators, chosen;
  const auto list_all = [&] {
    if (!hosts.empty()) return;
    for (const Backend* backend : backends.present)
      for (const SelectedDevice& device : devices_if_any(*backend))
        (backend->name == kHost ? hosts : accelerators).push_back(device);
  };
  const auto add = [&](const std::vector<SelectedDevice>& devices) {
    for (const SelectedDevice& device : devices)
      if (std::ranges::none_of(chosen, [&](const SelectedDevice& c) { return c.id == device.id; }))
        chosen.push_back(device);
  };
  for (const std::string& selector : selectors.empty() ? std::vector<std::string>{"auto"} : selectors) {
    if (selector == "auto" || selector == "all") {
      list_all();
      if (selector == "all" || accelerators.empty()) add(hosts);
      add(accelerators);
    } else {
      add(named(backends, selector));
    }
  }
  if (chosen.empty()) not_there(selectors.empty() ? "auto" : selectors.front(), "no backend finds any");
  return chosen;
}

}  // namespace assay
