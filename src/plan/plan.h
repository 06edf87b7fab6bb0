// SPDX-License-Identifier: Apache-2.0
// A workload at fixed shapes: a flat, printable list of ops on named tensors. Straight-line code in
// workloads/ emits it; nothing in it depends on a device. It is costed, laid out in memory, verified, timed
// and reported by code that knows no model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/fact.h"
#include "plan/op.h"
#include "statistics/blocks.h"

namespace assay {

/// Who owns a tensor's bytes, and for how long.
enum class Role : std::uint8_t {
  input,   // set before each pass, read-only during it: token ids, tables
  weight,  // set once; from the seed or from --weights
  state,   // written by steps, lives across stages, reset to its Fill before each pass: KV cache, positions
  activation,  // lives from the step that writes it to the last step that reads it; shares the arena
};

/// What becomes of a state before each pass.
enum class Reset : std::uint8_t {
  refilled,   // it is filled anew: a pass reads what it held before: positions
  left_over,  // a pass writes all that it reads of it: a KV cache
};

/// Statistics of a batch normalisation behind a layer, which inference folds into it: filter k of the layer's
/// weights is multiplied by gain[k] / sqrt(variance[k] + eps), and its bias is mean[k] times that below
/// `shift`[k].
struct BatchNormSource {
  std::string gain, shift, mean, variance;  // tensors [filters]
  double eps = 1e-5;
};

/// Which tensors of a safetensors file make a weight: stacked along dimension 0, each brought into the plan's
/// order first.
struct WeightSource {
  /// As stored: as the plan has it; a matrix transposed; filters [K, C, R, S] that the plan has as
  /// [K, R, S, C]; the same elements in the same order under another shape; matrices [E, K, N], each
  /// transposed, that the plan has below one another as [E * N, K].
  enum class Order : std::uint8_t { plain, transposed, channels_first, reshaped, each_transposed };
  std::vector<std::string> tensors;
  Order order = Order::plain;
  /// Other names of the same tensors, for checkpoints of another library. Where the first of `tensors` is
  /// missing and the first of these is there, these count.
  std::vector<std::string> also = {};
  /// Folded into the weight. Without tensors: the weight is the bias that folding leaves.
  std::optional<BatchNormSource> folded = {}, also_folded = {};
};

struct PlanTensor {
  TensorSpec spec;
  Role role = Role::activation;
  WeightSource source;  // weights only
  Place place = Place::device;
  Reset reset = Reset::refilled;  // states only
};

/// Index into Plan::tensors().
struct Value {
  std::size_t id = 0;
};

/// One call of one op. `label` is shared by the repeats of a layer ("qkv"); `name` is unique
/// ("layers.3.qkv").
struct Step {
  std::string name, label;
  std::shared_ptr<const Op> op;
  std::vector<Value> in, out;
  std::string part = {};  // of the model, as its readers think of it ("embedding"); empty: it has no parts
};

class Plan;

/// Steps that run in order at one place, as one unit of time.
struct Stage {
  std::string name;           // "prefill", "decode"
  double items = 1;           // what one run produces or consumes
  std::string item = "item";  // "token"
  Place place = Place::device;
  std::vector<Step> steps;

  Cost cost() const;  // of one run
};

/// A stage as often as it runs in a row: a decode loop is the same steps again, on state that moved on.
struct Turn {
  std::size_t stage = 0;  // index into Plan::stages()
  std::int64_t times = 1;
};

/// The series of a stage's times: a draw is the seconds of one run, a block is a pass.
std::string stage_series(std::string_view stage);  // "stage/decode"
/// The seconds of whole passes, from inputs in place to the last stage's end.
inline constexpr std::string_view kPassSeries = "pass";
/// The seconds in which as many passes end as are in flight, while all lanes are busy.
inline constexpr std::string_view kWindowSeries = "window";

/// A headline figure, made of a series of draws. The formulas stand in docs/measuring.md.
struct MetricSpec {
  /// The peak that the figure is a share of: of a path, or of a number format's arithmetic.
  using Share = std::variant<Path, DType>;
  std::string name;        // key in the result: "time_to_first_token_s"
  std::string of;          // the series: "stage/prefill"
  std::string unit;        // "s", "tokens/s", "1" for a share
  std::string definition;  // a sentence for the report
  double amount = 0;       // 0: the draw itself; else amount / draw
  Stat stat = Stat::median;
  std::optional<Share> share = {};  // amount / draw / peak
};

/// What may be compared between devices, kernels and versions for one seed: a value that one choice within
/// rounding (a flipped token) cannot make meaningless.
struct Output {
  /// A state that is filled anew, instead of with what went before.
  struct Pin {
    Value value;
    Fill fill;
  };
  std::string name;  // "prefill logits"
  Value value;
  std::string stage;      // read after its first run
  std::vector<Pin> pins;  // before that run
  Tolerance tolerance;    // of rms(a - b) / rms(a), both devices' roundings together
};

/// A picture that a pass looks at and what it says of it, for people, who trust what they see.
struct Exhibit {
  std::string stage;  // read after its first run
  std::shared_ptr<const std::vector<std::uint8_t>> jpeg;
  double width = 0, height = 0;  // of the picture, in the pixels that boxes are told in
  double per_pixel = 1;          // units of a box's coordinates in such a pixel
  std::optional<Value>
      boxes;              // f32 [images, most, 4]: left, top, right, bottom; empty: the picture as a whole
  Value scores, classes;  // f32 and i32 [images, most]; the first image is the picture
  std::optional<Value> count;  // i32 [images]: how many are meant; empty: all
};

class Plan {
 public:
  Plan(std::string workload, std::string name) : workload(std::move(workload)), name(std::move(name)) {}

  Value input(TensorSpec spec, Place place = Place::device) {
    return add({std::move(spec), Role::input, {}, place});
  }
  Value weight(TensorSpec spec, WeightSource source, Place place = Place::device) {
    return add({std::move(spec), Role::weight, std::move(source), place});
  }
  Value state(TensorSpec spec, Reset reset = Reset::refilled, Place place = Place::device) {
    return add({std::move(spec), Role::state, {}, place, reset});
  }

  /// A stage that every pass runs `times` times in a row, after those that are there already (0: it is not of
  /// the pass, but a scheduler's). The reference stays valid while the plan lives (stages are held by
  /// pointer).
  Stage& stage(std::string name, std::int64_t times, double items, std::string item,
               Place place = Place::device);

  /// Appends a step. Shapes and dtypes of `in` must be those of op->inputs(), and they must live where the
  /// stage runs: only an op that moves_to() takes them from the other place, and one that names an
  /// input_place() that input from there. Outputs that alias an input give
  /// that input's Value; `into` names existing state for an output (empty: a new activation). Returns a Value
  /// an output.
  std::vector<Value> run(Stage& stage, std::string name, std::string label, std::shared_ptr<const Op> op,
                         const std::vector<Value>& in, const std::vector<std::optional<Value>>& into = {});

  const std::vector<PlanTensor>& tensors() const { return tensors_; }
  const PlanTensor& tensor(Value v) const { return tensors_[v.id]; }
  std::optional<Value> find(std::string_view tensor_name) const;
  std::optional<std::size_t> find_stage(std::string_view stage_name) const;
  const Fact* find_fact(std::string_view fact_name) const;
  const std::vector<std::unique_ptr<Stage>>& stages() const { return stages_; }
  std::int64_t weight_bytes() const;
  /// How often a pass runs a stage, over all its turns.
  std::int64_t times(std::size_t stage) const;
  bool uses_host() const;  // a stage runs there, or a tensor lives there
  /// Of all stages of a pass.
  Cost pass_cost() const;

  std::string workload, name;
  std::vector<Turn> pass;      // what is done over and over, in order
  std::int64_t in_flight = 1;  // passes at once, each on a lane of its own
  std::vector<MetricSpec> metrics;
  std::vector<Fact> facts;  // what a reader should know of the model besides its stages
  /// Names of facts that no figure may be shown without, nor be best over: what the traffic is like, which
  /// nobody chooses.
  std::vector<std::string> conditions;
  std::vector<std::string> notes;  // what else a reader should know of it, a sentence each
  std::vector<Output> outputs;
  std::optional<Exhibit> exhibit;
  /// Tensors that a checkpoint may hold and this plan does not use ("rotary_emb.inv_freq"); others are
  /// errors.
  std::vector<std::string> ignored_weights;  // suffixes

 private:
  Value add(PlanTensor tensor);
  std::vector<PlanTensor> tensors_;
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace assay
