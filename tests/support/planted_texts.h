// SPDX-License-Identifier: Apache-2.0
// Results in which nothing is empty, and results with something in every text of theirs. Both go through
// describe(), so that a field that is new is filled and planted too. Nothing here is shared with what
// redacts.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "result/result_fields.h"
#include "result/result_json.h"

namespace assay {

/// Gives every optional, vector and map that holds texts something to hold, and every text a word.
class Filler {
 public:
  static constexpr bool kChanges = true;

  template <typename T>
  void field(std::string_view, T& value, const FieldRule& = {}) {
    fill(value);
  }
  template <typename T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (value.empty()) value = "word";
    } else if constexpr (std::is_same_v<T, Json>) {
      if (value.empty()) value = {{"word", "word"}, {"words", {"word", {{"word", "word"}}}}};
    } else if constexpr (IsOptional<T>::value) {
      if (!value) value.emplace();
      fill(*value);
    } else if constexpr (IsVector<T>::value) {
      if constexpr (!std::is_arithmetic_v<typename T::value_type> &&
                    !IsVector<typename T::value_type>::value) {
        if (value.empty()) value.emplace_back();
        for (auto& element : value) fill(element);
      }
    } else if constexpr (IsMap<T>::value) {
      if (value.empty()) {
        if constexpr (std::is_same_v<typename T::key_type, std::string>)
          value["word"];
        else
          value[typename T::key_type{}];
      }
      for (auto& [key, element] : value) fill(element);
    } else if constexpr (!std::is_arithmetic_v<T> && !std::is_enum_v<T>) {
      describe(*this, value);
    }
  }
};

/// The result of the accepted reports, and nothing left empty.
inline Result full_result() {
  Result result = read_result(std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json");
  result.environment["hostname"] = "word";
  result.environment["user"] = "word";
  for (DeviceResult& device : result.devices) device.properties["serial"] = "word";
  Filler().fill(result);
  return result;
}

/// Changes every text, or every key of a map or JSON object too.
class Planter {
 public:
  static constexpr bool kChanges = true;
  using Change = std::function<void(std::string& text)>;
  enum class What : std::uint8_t { values, keys };

  Planter(What what, Change change) : what_(what), change_(std::move(change)) {}

  template <typename T>
  void field(std::string_view, T& value, const FieldRule& = {}) {
    plant(value);
  }
  template <typename T>
  void plant(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (what_ == What::values) change_(value);
    } else if constexpr (std::is_same_v<T, Json>) {
      value = planted(value);
    } else if constexpr (IsOptional<T>::value) {
      if (value) plant(*value);
    } else if constexpr (IsVector<T>::value) {
      for (auto& element : value) plant(element);
    } else if constexpr (IsMap<T>::value) {
      T now;
      for (auto& [key, element] : value) {
        auto name = key;
        if constexpr (std::is_same_v<typename T::key_type, std::string>)
          if (what_ == What::keys) change_(name);
        plant(element);
        now.emplace(std::move(name), std::move(element));
      }
      value = std::move(now);
    } else if constexpr (!std::is_arithmetic_v<T> && !std::is_enum_v<T>) {
      describe(*this, value);
    }
  }

 private:
  Json planted(const Json& value) {
    if (value.is_string()) {
      std::string text = value.get<std::string>();
      if (what_ == What::values) change_(text);
      return text;
    }
    if (!value.is_structured()) return value;
    Json now = value.is_array() ? Json::array() : Json::object();
    for (const auto& [key, element] : value.items()) {
      std::string name = key;
      if (value.is_array()) {
        now.push_back(planted(element));
      } else {
        if (what_ == What::keys) change_(name);
        now[name] = planted(element);
      }
    }
    return now;
  }

  What what_;
  Change change_;
};

struct Marker {
  std::string kind, text;
  std::vector<std::string> traces;  // of it, none of which may be left
};

/// What must never leave a customer's machine, one of each kind.
inline std::vector<Marker> markers() {
  return {{"host", "zeus-node-17", {"zeus", "node-17"}},
          {"host with its domain", "zeus-node-17.zeus.example.com", {"zeus", "node-17", "example"}},
          {"user", "quilla.vex", {"quilla", "vex"}},
          {"path", "/home/quilla/zeus/plan9", {"home", "quilla", "zeus", "plan9"}},
          {"path of the user's", "~/zeus/plan9", {"zeus", "plan9"}},
          {"relative path", "zeus/quilla/plan9", {"zeus", "quilla", "plan9"}},
          {"dotted path", "../zeus/plan9", {"zeus", "plan9"}},
          {"path of Windows", "C:\\zeus\\plan9", {"zeus", "plan9"}},
          {"share", "\\\\zeus\\plan9", {"zeus", "plan9"}},
          {"file", "zeus-plan9.json", {"zeus", "plan9"}},
          {"picture", "zeus_plan9.JPG", {"zeus", "plan9"}},
          {"weights", "zeus-00001-of-00002.safetensors", {"zeus", "of-00002"}},
          {"serial", "SN7734ZEUS9", {"7734"}},
          {"UUID", "GPU-7734beef-1234-4abc-8def-7734beef0001", {"7734", "beef"}},
          {"PCI address", "0000:7f:1e.3", {"7f:1e", "1e.3"}},
          {"MAC address", "de:ad:be:ef:77:34", {"de:ad", "77:34"}},
          {"IPv4 address", "10.77.34.99", {"77.34", "34.99"}},
          {"IPv6 address", "fd77::dead:beef:7734", {"dead", "7734"}},
          {"e-mail", "quilla@zeus.example", {"quilla", "zeus"}},
          {"URL", "https://zeus.example/plan9", {"zeus", "plan9"}}};
}

/// Ways in which a marker may stand in a text.
inline std::vector<std::pair<std::string, std::string>> frames() {
  return {{" ", ""},        {" ", "."},     {" '", "'"}, {"=", ""},
          {" (", "), and"}, {": ", ": no"}, {",", ","},  {"\n", "\n"}};
}

/// `marker` in every text (or key) of a result that says itself who it is of.
inline Result planted_result(Planter::What what, const Marker& marker, const std::string& before,
                             const std::string& behind) {
  Result result = full_result();
  Planter(what, [&](std::string& text) { text += before + marker.text + behind; }).plant(result);
  // Names have no form: a result that holds them says so in its environment, as the key tells.
  if (marker.kind.starts_with("host")) result.environment["hostname"] = marker.text;
  if (marker.kind == "user") result.environment["user"] = marker.text;
  if (marker.kind == "serial") result.devices[0].properties["serial"] = marker.text;
  return result;
}

/// The first trace of it that `text` holds, with what stands around it; "" where it holds none.
inline std::string trace_of(const Marker& marker, const std::string& text) {
  for (const std::string& trace : marker.traces)
    if (const std::size_t at = text.find(trace); at != std::string::npos)
      return marker.kind + ": \"" + trace + "\" in ..." + text.substr(at < 120 ? 0 : at - 120, 240) + "...";
  return "";
}

}  // namespace assay
