// SPDX-License-Identifier: Apache-2.0
#include "cli/gate_confirm.h"

#include <fmt/format.h>

#include "cli/interleaved.h"
#include "cli/repro.h"
#include "cli/run_job.h"
#include "result/case_log.h"

namespace assay {

ConfirmRun confirm_run(const ConfirmJob& job, const std::vector<std::string>& cases, const Result& base,
                       const std::filesystem::path& out, Context& context) {
  RunJob run;
  run.configs = {job.config};
  run.devices = {job.device};
  run.out = out;
  run.replace = true;  // with the verdict that it was made for
  run.formats = {"json"};
  run.tells_results = false;  // standard output is the verdict's
  for (const std::string& id : cases) run.only += (run.only.empty() ? "" : "|") + exactly(id);
  ConfirmRun again;
  again.interleaved = !job.against.empty();
  if (again.interleaved) {
    run.against = job.against;
    run_interleaved(run, context);
    again.base = read_result_or_folder(out / "a");
    again.candidate = read_result_or_folder(out / "b");
  } else {
    run_job(run, context);
    again.base = base;
    again.candidate = read_result_or_folder(out);
  }
  return again;
}

}  // namespace assay
