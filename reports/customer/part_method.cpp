// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "analyse/comparison.h"
#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/sections.h"

namespace assay {

void add_method_part(Blocks& out, const CustomerInput& input) {
  out.push_back(Heading{2, "How it was measured"});
  out.push_back(
      Paragraph{Text("The real computation of each model ran on each system, with inputs drawn at random "
                     "from a seed, so that nothing could "
                     "be remembered or foreseen. Before an operation was timed, its results were compared "
                     "with the same computed in double "
                     "precision; what was wrong was not timed. Times were then taken until they lay close "
                     "together, in blocks that are "
                     "spread over the run.")});
  out.push_back(Paragraph{
      Text("Each figure is a median: half of what was seen was faster, half slower. Beside it stands its 95 "
           "% interval: of a "
           "hundred ranges made in this way about 95 hold the true figure. A limit is met only where all of "
           "that range lies within it, missed only where all "
           "of it lies beyond; anything else cannot be told. Where a figure rests on one session of the "
           "program, or the machine was "
           "disturbed, that is not enough, since figures of the same machine have then lain up to " +
           ratio_text(kSessionAllowance) + " or " + ratio_text(kDisturbedAllowance) +
           " apart: such a limit counts as met or missed only with room for that.")});
  if (input.evaluation.comparison)
    out.push_back(
        Paragraph{Text("Systems were compared figure by figure, with a test that allows for how many figures "
                       "were compared; the same means "
                       "shown to lie within " +
                       percent_text(kSameMargin) + ", not merely that no difference was found.")});
  out.push_back(
      Paragraph{Text("Every figure was set beside the least time that its work could take on the device, by "
                     "peaks of arithmetic and memory "
                     "that were measured on the same machine meanwhile. All draws, and all that is needed to "
                     "repeat the run, stand in "
                     "the result files.")});
}

void add_repeat_part(Blocks& out, const CustomerInput& input) {
  const std::size_t before = out.size();
  add_repeat_section(out, input.report);
  std::set<std::uint64_t> seeds;
  for (const Result& result : input.report.results)
    for (const CaseResult& one : result.cases) seeds.insert(one.seed);
  std::string text;
  for (const std::uint64_t seed : seeds) text += (text.empty() ? "" : ", ") + std::to_string(seed);
  if (out.size() > before && !text.empty())
    out.push_back(
        Paragraph{Text(seeds.size() == 1 ? "Inputs and random weights are those of the seed " + text + "."
                                         : "Inputs and random weights are those of the seeds " + text +
                                               ", as each case says in its result file.")});
}

}  // namespace assay
