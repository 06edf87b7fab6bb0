// SPDX-License-Identifier: Apache-2.0
// How far a case may grow in a memory: its batch, its context; and what the context costs a sequence.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "inspect/answer.h"

namespace assay {

class Growth {
 public:
  /// Both must live as long.
  Growth(const Case& one, PlanSizes& sizes);

  /// Nothing where the workload has no such field. `room`: bytes for all that the plan takes.
  std::optional<Largest> batch(std::int64_t room);
  std::optional<Largest> context(std::int64_t room);
  /// Bytes of cache of one sequence at 1024 tokens, 4096, ... up to what the model is made for, and at the
  /// case's own.
  std::map<std::int64_t, std::int64_t> kv_bytes_by_context();

 private:
  std::int64_t load(std::string_view field) const;
  Largest largest(std::string_view field, const Largest& most, std::int64_t room);
  /// Of one sequence that fills a context, of which it makes one token.
  const PlanSize* alone(std::int64_t context);
  /// What the workload takes of one sequence.
  Largest longest_accepted();

  const Case& one_;
  PlanSizes& sizes_;
  const GrowingFields grows_;
};

}  // namespace assay
