// SPDX-License-Identifier: Apache-2.0
#include "inspect/notes.h"

#include <set>

#include "base/text.h"

namespace assay {

std::vector<std::string> notes_of(const Plan& plan) {
  std::set<std::string> unserved;
  for (const auto& stage : plan.stages())
    for (const Step& step : stage->steps)
      if (const std::string_view what = step.op->unserved(); !what.empty())
        unserved.insert(std::string(step.op->kind()) +
                        (what == kWholeOp ? "" : " (" + std::string(what) + ")"));
  std::vector<std::string> notes;
  if (!unserved.empty())
    notes.push_back("Sized, not executed: no kernel computes " +
                    join(std::vector<std::string>(unserved.begin(), unserved.end()), ", ") + " yet.");
  notes.insert(notes.end(), plan.notes.begin(), plan.notes.end());
  return notes;
}

}  // namespace assay
