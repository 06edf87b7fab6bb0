// SPDX-License-Identifier: Apache-2.0
// What the side-by-side worker can be asked to run: a unit is prepared once and then timed in batches, so
// that a driver may alternate it with other software's.
#pragma once

#include <cstdint>
#include <memory>

#include "base/json_fields.h"
#include "bench/probes.h"
#include "device/backend.h"

namespace assay::bench {

class Unit {
 public:
  virtual ~Unit() = default;

  /// Seconds of each of `repeats` runs, back to back.
  virtual double seconds(std::int64_t repeats) = 0;
  /// Which kernels it runs, and what a run costs: {"kernel", "flops", "bytes"}.
  virtual Json facts() const = 0;
  /// What the machine reaches of what binds this unit, on the unit's own data: units per second of a fact.
  virtual double probe() { throw Unsupported("this unit has no probe of its own"); }
};

/// {"m", "n", "k", "dtype", "kernel", "copies"}: a matrix product of ours. `kernel` names one of the table,
/// or is "best": the fastest on this shape. Launches go through `copies` sets of operands in turn, so that
/// weights come from memory where there are enough of them.
std::unique_ptr<Unit> make_matmul(const Json& request, OpenDevice& device);

/// {"m", "n", "k", "dtype"}: oneDNN's matmul called directly, its weights in the layout it likes best.
std::unique_ptr<Unit> make_raw_onednn(const Json& request, OpenDevice& device);

/// {"config", "dtype", "prompt_tokens", "generate_tokens", "stage"}: a stage of a model, as `assay run` runs
/// it: every kernel verified, the fastest chosen. A run of "prefill" is one prompt; a run of "decode" is all
/// of its steps, from the end of the prompt.
std::unique_ptr<Unit> make_model(const Json& request, OpenDevice& device);

/// The same, for "decode": seconds of a step that no kernel of the model takes, which is walking the plan,
/// choosing the token and moving the sequence on; `seconds` of the whole step stands in the facts of the last
/// run.
std::unique_ptr<Unit> make_overhead(const Json& request, OpenDevice& device);

/// The same for any stage, in slices of its steps of about `slice_seconds`, a probe of `binds` before and
/// after each: the facts of the last run hold {"slices": [{"seconds", "flops", "bytes", "probes"}]}. Probes
/// are not timed.
std::unique_ptr<Unit> make_sliced(const Json& request, OpenDevice& device, Probes& probes);

/// {"rows", "dim", "dtype": "f32" | "int8", "batch", "bag", "skew", "sets", "ids_file"}: embedding bags, all
/// of one length, of one table. `sets` of ids take turns, and are all written to the file, as i32, for other
/// software to look up the same. Its probe reads whole rows of that table at random, evenly: "bytes" of the
/// facts are those of all rows looked up.
std::unique_ptr<Unit> make_bag(const Json& request, OpenDevice& device);

/// {"config", "dtype", "batch", "rows", "max_rows", "skew", "labels", "ids_file"}: a batch of a recommender,
/// as `assay run` runs it; or of its steps only those with one of these labels, on what the others left.
std::unique_ptr<Unit> make_recommender(const Json& request, OpenDevice& device);

/// {"config", "dtype", "batch", "image", "stages", "jpeg_file"}: stages of the way of a batch of images, as
/// `assay run` runs them. The files that were decoded are written to names of that beginning and a number.
std::unique_ptr<Unit> make_vision_stages(const Json& request, OpenDevice& device);

/// The same, of all stages: seconds of a whole pass but for those `of` these; theirs stand in the facts of
/// the last run, as "step_seconds".
std::unique_ptr<Unit> make_beside(const Json& request, OpenDevice& device);

/// The same, of a detector: seconds of suppressing boxes after its network; those of the network stand in the
/// facts of the last run, as "step_seconds".
std::unique_ptr<Unit> make_suppression(const Json& request, OpenDevice& device);

}  // namespace assay::bench
