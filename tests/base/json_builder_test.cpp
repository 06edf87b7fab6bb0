// SPDX-License-Identifier: Apache-2.0
// What is read is tested with base/json_file.h; here, how: an object must not be searched while it is built.
#include "base/json_builder.h"

#include <gtest/gtest.h>

namespace assay::json_builder_tests {
namespace {

int lookups = 0;

/// The map of ordered_json, which counts whatever walks over it.
template <class Key, class T, class IgnoredLess, class Allocator>
struct CountingMap : nlohmann::ordered_map<Key, T, IgnoredLess, Allocator> {
  using Base = nlohmann::ordered_map<Key, T, IgnoredLess, Allocator>;
  using Base::Base;

  template <typename K>
  T& operator[](K&& key) {
    ++lookups;
    return Base::operator[](std::forward<K>(key));
  }
  template <typename K>
  auto find(K&& key) {
    ++lookups;
    return Base::find(std::forward<K>(key));
  }
  template <typename K>
  auto find(K&& key) const {
    ++lookups;
    return Base::find(std::forward<K>(key));
  }
  template <typename... Args>
  auto emplace(Args&&... args) {
    ++lookups;
    return Base::emplace(std::forward<Args>(args)...);
  }
};
using CountingJson = nlohmann::basic_json<CountingMap>;

std::string object_of(int keys) {
  std::string text = "{";
  for (int i = 0; i < keys; ++i)
    text += (i == 0 ? "" : ",") + ("\"layers." + std::to_string(i)) + "\": {\"shape\": [2, 3]}";
  return text + "}";
}

TEST(JsonBuilder, BuildsALargeObjectWithoutLookingKeysUp) {
  const std::string text = object_of(1000);
  lookups = 0;
  JsonBuilder<CountingJson> builder("a.json", 64);
  ASSERT_TRUE(CountingJson::sax_parse(text, &builder));
  EXPECT_EQ(lookups, 0);
  const CountingJson built = builder.take();
  ASSERT_EQ(built.size(), 1000u);
  EXPECT_EQ(built.begin().key(), "layers.0");  // in the order of the text
  EXPECT_EQ(built.front()["shape"][1], 3);

  lookups = 0;  // the library's own builder, which the count must see
  EXPECT_EQ(CountingJson::parse(text).size(), 1000u);
  EXPECT_GE(lookups, 1000);
}

TEST(JsonBuilder, RefusesAKeyThatStandsTwiceAmongManyAsAmongFew) {
  for (const int keys : {2, 23, 24, 25, 26, 1000})
    for (const int twice : {0, keys - 1}) {
      std::string text = object_of(keys);
      text.back() = ',';
      text += "\"layers." + std::to_string(twice) + "\": 1}";
      JsonBuilder<nlohmann::ordered_json> builder("a.json", 64);
      EXPECT_THROW(nlohmann::ordered_json::sax_parse(text, &builder), Error) << keys << " " << twice;
    }
}

TEST(JsonBuilder, GivesWhatTheLibraryGives) {
  const std::string text =
      R"({"a": [1, -2, 2.5, 1e3, true, null, "x", {}, [], [[{"b": "c"}]]], "d": {"e": {}}})";
  JsonBuilder<nlohmann::ordered_json> builder("a.json", 64);
  ASSERT_TRUE(nlohmann::ordered_json::sax_parse(text, &builder));
  const auto built = builder.take(), parsed = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(built.dump(), parsed.dump());
  EXPECT_EQ(built, parsed);
  for (std::size_t i = 0; i < parsed["a"].size(); ++i)
    EXPECT_EQ(built["a"][i].type(), parsed["a"][i].type()) << i;
}

}  // namespace
}  // namespace assay::json_builder_tests
