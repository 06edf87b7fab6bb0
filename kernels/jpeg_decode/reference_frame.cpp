// SPDX-License-Identifier: Apache-2.0
#include "kernels/jpeg_decode/reference_frame.h"

#include <algorithm>
#include <string>

namespace assay::jpeg_reference {

const std::array<std::size_t, 64> kZigzag = [] {
  std::array<std::size_t, 64> places{};
  int u = 0, v = 0;
  for (std::size_t& place : places) {  // up to the right on even diagonals, down to the left on odd ones
    place = static_cast<std::size_t>(8 * v + u);
    const bool up = (u + v) % 2 == 0;
    if (up && u == 7)
      ++v;
    else if (up && v == 0)
      ++u;
    else if (!up && v == 7)
      ++u;
    else if (!up && u == 0)
      ++v;
    else
      up ? (++u, --v) : (--u, ++v);
  }
  return places;
}();

namespace {

using jpeg::Segment;

/// The bytes of a segment, one after the other.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : left_(bytes) {}
  bool done() const { return left_.empty(); }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (left_.size() < count) throw Damaged("a segment that is cut short");
    const auto taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }
  int byte() { return take(1)[0]; }
  int word() { return jpeg::word_at(take(2), 0); }

 private:
  std::span<const std::uint8_t> left_;
};

std::int64_t parts_of(std::int64_t whole, std::int64_t part) {
  return (whole + part - 1) / part;
}

Frame frame_of(const Segment& segment) {
  Reader read(segment.body);
  Frame frame;
  frame.progressive = segment.marker == 0xc2;
  read.byte();  // the precision, which is 8
  frame.height = read.word();
  frame.width = read.word();
  frame.components.resize(static_cast<std::size_t>(read.byte()));
  for (Component& c : frame.components) {
    c.id = read.byte();
    const int factors = read.byte();
    c.across = factors >> 4;
    c.down = factors & 15;
    c.table = read.byte();
    if (c.across < 1 || c.across > 4 || c.down < 1 || c.down > 4 || c.table > 3)
      throw Damaged("sampling factors or a table that there are not");
    frame.most_across = std::max(frame.most_across, c.across);
    frame.most_down = std::max(frame.most_down, c.down);
  }
  for (Component& c : frame.components) {
    c.width = parts_of(frame.width * c.across, frame.most_across);
    c.height = parts_of(frame.height * c.down, frame.most_down);
    c.blocks_wide = parts_of(frame.width, 8 * frame.most_across) * c.across;
    c.blocks_high = parts_of(frame.height, 8 * frame.most_down) * c.down;
    c.blocks.assign(static_cast<std::size_t>(c.blocks_wide * c.blocks_high), Block{});
  }
  return frame;
}

void read_steps(const Segment& segment, Tables& tables) {
  for (Reader read(segment.body); !read.done();) {
    const int which = read.byte();
    if ((which & 15) > 3) throw Damaged("a fifth table of quantisation");
    std::array<int, 64> steps{};
    for (const std::size_t place : kZigzag) steps[place] = which >> 4 != 0 ? read.word() : read.byte();
    tables.steps[static_cast<std::size_t>(which & 15)] = steps;
  }
}

void read_codes(const Segment& segment, Tables& tables) {
  for (Reader read(segment.body); !read.done();) {
    const int which = read.byte();
    if (which >> 4 > 1 || (which & 15) > 3) throw Damaged("a table of codes that there is not");
    const auto counts = read.take(16);
    std::size_t symbols = 0;
    for (const std::uint8_t count : counts) symbols += count;
    (which >> 4 == 0 ? tables.dc : tables.ac)[static_cast<std::size_t>(which & 15)].emplace(
        counts, read.take(symbols));
  }
}

Scan scan_of(const Segment& segment, Frame& frame, const Tables& tables) {
  Reader read(segment.body);
  Scan scan;
  for (int parts = read.byte(); parts > 0; --parts) {
    const int id = read.byte(), codes = read.byte();
    const auto component = std::ranges::find(frame.components, id, &Component::id);
    if (component == frame.components.end() || codes >> 4 > 3 || (codes & 15) > 3)
      throw Damaged("a scan of what there is not");
    if (!component->steps) component->steps = tables.steps[static_cast<std::size_t>(component->table)];
    if (!component->steps) throw Damaged("no table of quantisation");
    scan.parts.push_back({&*component, codes >> 4, codes & 15});
  }
  scan.first = read.byte();
  scan.last = read.byte();
  const int positions = read.byte();
  scan.high = positions >> 4;
  scan.low = positions & 15;
  const bool whole = scan.first == 0 && scan.last == 63 && positions == 0;
  const bool right = scan.first == 0 ? scan.last == 0 : scan.parts.size() == 1 && scan.last < 64;
  if (scan.parts.empty() || !read.done() || !(frame.progressive ? right && scan.first <= scan.last : whole))
    throw Damaged("a scan that this frame cannot have");
  return scan;
}

}  // namespace

Frame read_frame(std::span<const std::uint8_t> file) {
  Tables tables;
  Frame frame;
  jpeg::Segments segments(file);
  bool jfif = false;
  std::optional<int> adobe;
  while (const auto segment = segments.next()) {
    const auto body = segment->body;
    if (segment->marker == jpeg::kEoi) {
      for (const Component& c : frame.components)
        if (!c.steps) throw Damaged("a component that no scan has");
      frame.jfif = jfif;
      frame.adobe_transform = adobe;
      return frame;
    }
    if (jpeg::is_frame(segment->marker)) frame = frame_of(*segment);
    if (segment->marker == jpeg::kDqt) read_steps(*segment, tables);
    if (segment->marker == jpeg::kDht) read_codes(*segment, tables);
    if (segment->marker == jpeg::kDri) tables.restart_interval = Reader(body).word();
    if (segment->marker == jpeg::kApp0 && body.size() >= 14 &&
        std::equal(body.begin(), body.begin() + 5, "JFIF"))
      jfif = true;
    if (segment->marker == jpeg::kApp14 && body.size() >= 12 &&
        std::equal(body.begin(), body.begin() + 5, "Adobe"))
      adobe = body[11];
    if (segment->marker == jpeg::kSos) {
      const Scan scan = scan_of(*segment, frame, tables);
      segments = jpeg::Segments(file, read_scan(file, segments.at(), frame, tables, scan));
    }
  }
  throw Damaged("no marker at byte " + std::to_string(segments.at()));
}

}  // namespace assay::jpeg_reference
