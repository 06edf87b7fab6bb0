// SPDX-License-Identifier: Apache-2.0
// What a pass looked at and what it found, for the first case of a model on each device: people trust what
// they see.
#include <set>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/escape.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

constexpr std::size_t kColours = 10;

Figure figure_of(const PictureResult& picture, const CaseSummary& c, const std::string& device,
                 std::size_t index) {
  PictureChart chart{.id = "picture-" + slug(c.short_id) + "-" + std::to_string(index),
                     .title = c.short_id + " on " + device,
                     .description = {},
                     .jpeg_base64 = picture.jpeg_base64,
                     .width = picture.width,
                     .height = picture.height,
                     .boxes = {}};
  for (const PictureResult::Found& found : picture.found) {
    const std::string text = "class " + count_text(found.kind) + ", " + percent_text(found.score);
    chart.description += (chart.description.empty() ? "" : "; ") + text;
    if (found.box.size() == 4)
      chart.boxes.push_back({.left = found.box[0],
                             .top = found.box[1],
                             .right = found.box[2],
                             .bottom = found.box[3],
                             .text = text,
                             .series = static_cast<std::size_t>(found.kind) % kColours});
  }
  chart.description = count_text(picture.found_in_all) + " found; shown: " + chart.description;
  return {chart.id, chart.title, chart.description, svg(chart)};
}

}  // namespace

void add_picture_section(Blocks& out, const View& view) {
  std::set<std::size_t> shown;  // devices
  for (const CaseSummary& c : view.cases) {
    const auto& picture = view.result_of(c).picture;
    if (!picture || c.status != CaseStatus::ok || !shown.insert(c.device).second) continue;
    if (shown.size() == 1) out.push_back(Heading{view.level, "What was looked at, and found"});
    Figure figure = figure_of(*picture, c, view.summary().devices[c.device].label, view.number_of(c));
    if (!figure.svg.empty()) out.push_back(std::move(figure));
    Text found;
    found.code(c.short_id).add(": " + counted(picture->found_in_all, "answer") + " for this image");
    for (std::size_t k = 0; k < std::min<std::size_t>(5, picture->found.size()); ++k)
      found.add(std::string(k == 0 ? "; the first: " : ", ") + "class " + count_text(picture->found[k].kind) +
                " (" + percent_text(picture->found[k].score) + ")");
    out.push_back(Paragraph{found.add(".")});
  }
}

}  // namespace assay
