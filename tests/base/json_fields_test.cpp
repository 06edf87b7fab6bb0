// SPDX-License-Identifier: Apache-2.0
#include "base/json_fields.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "support/expect_error.h"

namespace assay::json_fields_tests {

enum class Colour : std::uint8_t { red, green };
std::span<const std::string_view> enum_names(Colour) {
  static constexpr std::array<std::string_view, 2> kNames = {"red", "green"};
  return kNames;
}

struct Inner {
  double share = 0.5;
  std::optional<double> known;
};
template <class Visitor>
void describe(Visitor& v, Inner& i) {
  v.field("share", i.share, {.doc = "a share", .unit = "1", .min = 0, .max = 1});
  v.field("known", i.known);
}

struct Outer {
  std::int64_t count = 1;
  std::string name;
  Colour colour = Colour::red;
  DType dtype = DType::bf16;
  bool on = false;
  Inner inner;
  std::vector<std::int64_t> list;
  std::map<std::string, double> map;
  std::map<std::int64_t, double> by_size;
};
template <class Visitor>
void describe(Visitor& v, Outer& o) {
  v.field("count", o.count, {.doc = "how many", .min = 1, .max = 100, .sweep = true});
  v.field("name", o.name, {.doc = "any text", .required = true});
  v.field("colour", o.colour);
  v.field("dtype", o.dtype);
  v.field("on", o.on);
  v.field("inner", o.inner);
  v.field("list", o.list);
  v.field("map", o.map);
  v.field("by_size", o.by_size);
}

namespace {

Outer read(const std::string& text) {
  const Json json = Json::parse(text);
  JsonReader reader(json, "a.json");
  Outer outer;
  reader.read(outer);
  return outer;
}

std::string complaint(const std::string& text) {
  return test::bad_input([&] { read(text); });
}

TEST(JsonReader, ReadsMapsByWholeNumbers) {
  const Outer outer = read(R"({"name": "x", "by_size": {"64": 1.5, "128": 2}})");
  EXPECT_EQ(outer.by_size, (std::map<std::int64_t, double>{{64, 1.5}, {128, 2}}));
  EXPECT_EQ(JsonWriter::write(outer)["by_size"], Json::parse(R"({"64": 1.5, "128": 2})"));
  for (const char* key : {"64k", "064", "", "1e3", "99999999999999999999"})
    EXPECT_THROW(read(std::string(R"({"name": "x", "by_size": {")") + key + R"(": 1}})"), Error) << key;
}

TEST(JsonFields, ReadBackWhatTheyWrote) {
  const Outer outer = read(R"({"count": 7, "name": "n", "colour": "green", "dtype": "f32", "on": true,
                               "inner": {"share": 0.25, "known": 3}, "list": [1, 2], "map": {"a": 1.5}})");
  const Json written = JsonWriter::write(outer);
  EXPECT_EQ(written, JsonWriter::write(read(written.dump())));
  EXPECT_EQ(written["colour"], "green");
  EXPECT_EQ(written["inner"]["known"], 3.0);
  EXPECT_EQ(outer.list, (std::vector<std::int64_t>{1, 2}));
}

TEST(JsonFields, KeepDefaultsWhereKeysAreLeftOut) {
  const Outer outer = read(R"({"name": "n"})");
  EXPECT_EQ(outer.count, 1);
  EXPECT_EQ(outer.dtype, DType::bf16);
  EXPECT_FALSE(outer.inner.known);
}

TEST(JsonFields, NameTheNearestKeyForATypo) {
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "cuont": 1})"),
                   "a.json:/cuont: is not a known key | did you mean \"count\"");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "inner": {"shrae": 1}})"), "/inner/shrae");
}

TEST(JsonFields, QuoteTheValueThatIsWrong) {
  ASSAY_EXPECT_HAS(complaint("{}"), "a.json:/name: is missing");
  ASSAY_EXPECT_HAS(complaint(R"({"name": 3})"), "a.json:/name: is 3 | it must be a string");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "count": -1})"),
                   "/count: is -1 | it must be a whole number from 1 to 100");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "count": 1.5})"), "/count: is 1.5");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "count": "1"})"), "/count: is \"1\"");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "count": 18446744073709551615})"),
                   "/count: is 18446744073709551615");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "colour": "blue"})"), "it must be one of \"red\", \"green\"");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "on": 1})"), "true or false");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "inner": {"share": 2}})"), "/inner/share: is 2");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "list": [1, "x"]})"), "/list/1: is \"x\"");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "inner": 3})"), "/inner: is 3");
  ASSAY_EXPECT_HAS(complaint("[1]"), "a.json:/");
}

TEST(JsonFields, NameTheNearestNameOfAnEnum) {
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "colour": "gren"})"),
                   "a.json:/colour: is \"gren\" | did you mean \"green\"? it must be one of");
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "colour": 1})"), "/colour: is 1 | it must be one of");
  EXPECT_EQ(name_of(Colour::green), "green");
  EXPECT_THROW(name_of(static_cast<Colour>(2)), std::logic_error);
}

TEST(JsonFields, TakeWholeNumbersWrittenAsFloats) {
  EXPECT_EQ(read(R"({"name": "n", "count": 2.0})").count, 2);
}

TEST(JsonFields, EscapePointers) {
  ASSAY_EXPECT_HAS(complaint(R"({"name": "n", "map": {"a/b~c": "x"}})"), "/map/a~1b~0c");
}

TEST(JsonFields, WriteUnknownNumbersAsNull) {
  Inner inner{.share = std::nan(""), .known = INFINITY};
  const Json written = JsonWriter::write(inner);
  EXPECT_TRUE(written["share"].is_null());
  EXPECT_TRUE(written["known"].is_null());
  inner.known.reset();
  EXPECT_TRUE(JsonWriter::write(inner)["known"].is_null());
}

TEST(JsonFields, AcceptUnknownKeysWhereTheyAreAskedTo) {
  const Json json = Json::parse(R"({"name": "n", "later": 1})");
  JsonReader reader(json, "a.json", "", JsonReader::Unknown::accept);
  Outer outer;
  EXPECT_NO_THROW(reader.read(outer));
}

TEST(JsonFields, DescribeThemselvesAsASchema) {
  const SchemaWriter writer(SchemaWriter::Unknown::reject);
  const Json schema = writer.schema_of<Outer>();
  EXPECT_EQ(schema["required"], Json::array({"name"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["count"]["sweep"], true);
  const Json& count = schema["properties"]["count"]["anyOf"];  // one value, or a list: a sweep
  EXPECT_EQ(count[0]["type"], "integer");
  EXPECT_EQ(count[0]["maximum"], 100);
  EXPECT_EQ(count[1]["items"]["minimum"], 1);
  EXPECT_EQ(schema["properties"]["inner"]["properties"]["share"]["maximum"], 1);
  EXPECT_EQ(schema["properties"]["inner"]["properties"]["share"]["unit"], "1");
  EXPECT_FALSE(schema["properties"]["inner"]["properties"]["known"].contains("unit"));
  EXPECT_FALSE(schema["properties"]["list"].contains("sweep"));
  EXPECT_EQ(schema["properties"]["colour"]["enum"], Json::array({"red", "green"}));
}

}  // namespace
}  // namespace assay::json_fields_tests
