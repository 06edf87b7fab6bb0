// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

void add_definitions(Bullets& bullets, const ReportInput& input) {
  std::map<std::string, std::string> definitions;
  for (const Result& result : input.results)
    for (const CaseResult& c : result.cases)
      for (const auto& [name, metric] : c.metrics)
        if (!metric.definition.empty()) definitions.emplace(name, metric.definition);
  for (const CaseSummary& c : input.summary.cases)
    for (const Headline& h : c.headlines) {
      const auto found = definitions.find(h.metric);
      if (found == definitions.end()) continue;
      bullets.items.push_back(Text().strong(metric_label(h.metric) + ": ").add(found->second));
      definitions.erase(found);
    }
}

/// How to read what only some workloads have.
void add_readings(Bullets& bullets, const ReportInput& input) {
  bool lookups = false, pictures = false;
  for (const CaseSummary& c : input.summary.cases) {
    for (const StageSummary& stage : c.stages) lookups = lookups || !stage.lookups.empty();
    pictures = pictures || input.results[c.result].cases[c.index].picture.has_value();
  }
  if (lookups)
    bullets.items.push_back(
        Text()
            .strong("Lookups: ")
            .add("Read counts each different row of a batch once. The peak of random reads is what a probe "
                 "reached "
                 "here with rows of this size at random places, of far more memory than caches hold. A cache "
                 "could "
                 "serve: by the law that ids are drawn by, the share of lookups that fall on the most "
                 "popular rows "
                 "of so many bytes. Caches served: the share that memory could not have given in the time; "
                 "it is "
                 "the least that must have come out of caches; where none is seen, some may have."));
  if (pictures)
    bullets.items.push_back(Text()
                                .strong("Pictures: ")
                                .add("the first image of a batch, as the program made it, and what the whole "
                                     "pass said of it. With "
                                     "seeded weights classes and boxes mean nothing: they show that images, "
                                     "boxes and scores went the "
                                     "whole way."));
}

/// The "measure" of a run, or of a suite whose runs all have the same; else null.
Json measure_of(const Json& config) {
  if (!config.is_object()) return {};
  const Json runs = config.contains("runs") ? config["runs"] : Json::array({config});
  Json measure;
  for (const Json& run : runs) {
    const Json one = run.is_object() ? run.value("measure", Json()) : Json();
    if (&run != &runs.front() && one != measure) return {};
    measure = one;
  }
  return measure;
}

/// What the stop rule of the run was, from the config that the result echoes.
std::string stop_rule(const Result& result) {
  const Json measure = measure_of(result.config);
  const auto number = [&](const char* key) -> std::optional<double> {
    if (!measure.is_object() || !measure.contains(key) || !measure[key].is_number()) return std::nullopt;
    return measure[key].get<double>();
  };
  const auto target = number("target_ci"), most = number("max_seconds");
  if (!target || !most) return "until the 95 % interval of the median was narrow enough, or time ran out";
  return "until the 95 % interval of the median lay within " + plus_minus(*target) + ", or for " +
         si_text(*most, "s") + ", but for six blocks at least";
}

}  // namespace

void add_method_section(Blocks& out, const ReportInput& input) {
  out.push_back(Heading{2, "Method"});
  Bullets method;
  add_definitions(method, input);
  method.items.push_back(Text()
                             .strong("Sampling: ")
                             .add("after a warm-up until times were stable, each figure was sampled " +
                                  (input.results.empty() ? std::string() : stop_rule(input.results.front())) +
                                  ". Draws of one block (a pass, with all its iterations) hang together, so "
                                  "the interval of a figure "
                                  "counts blocks: those that are like their neighbours are taken as one, and "
                                  "sessions take their place "
                                  "where there are six or more. Intervals and percentiles are given only "
                                  "where there are draws enough "
                                  "for them; every draw stands in the result file."));
  method.items.push_back(
      Text()
          .strong("Time of a call: ")
          .add("of each operation alone, repeated. Stages are timed end to end as well: the two "
               "need not add up, since caches are warmer or colder and launches overlap."));
  method.items.push_back(
      Text()
          .strong("Of peak: ")
          .add(
              "the least time that the work could take, divided by its time. The least time is the largest "
              "of FLOPs / peak FLOP/s and, for each path that bytes take (memory, the link to the host), "
              "bytes / peak bytes/s; a multiply-add counts 2 FLOPs, each input is read once, each output "
              "written once. Bound by names what takes longest, or launch where a call takes less than twice "
              "the shortest launch."));
  method.items.push_back(
      Text()
          .strong("Bound and op-by-op estimate: ")
          .add("of a stage the bound is what no implementation can beat that does these FLOPs: the longest "
               "of all "
               "of them at the peak (those of its kernels: fewer than its operations count where an "
               "algorithm saves "
               "some), and of the bytes that must cross a path however operations are fused (weights once, "
               "state, inputs) at its peak. The op-by-op estimate is the sum of the least times of its "
               "operations; an engine that fuses more of them may be faster. Red marks and shares of a "
               "bound stand at the bound."));
  method.items.push_back(Text().strong("Peaks: ").add(
      "datasheet peaks are the vendor's, dense. Measured peaks are those probed beside the blocks of a case, "
      "where "
      "the device has such probes; else before and after all cases, the better of the two. Where a peak "
      "moved by more "
      "than " +
      percent_text(kPeakMoved) +
      ", shares of it are withheld. Up to 2 % above a measured peak is within "
      "the probe's own noise; what lies further above is listed in the summary, unless its data fit the "
      "last-level cache, which the table of operations says beside it."));
  if (!input.summary.comparisons.empty())
    method.items.push_back(Text()
                               .strong("Ratios: ")
                               .add("their interval is made of the ends of both 95 % intervals, so it holds "
                                    "with at least 90 %. An "
                                    "interval from one session does not hold for the next: unless both sides "
                                    "ran two sessions or more, "
                                    "a ratio within " +
                                    ratio_text(kSessionAllowance) + " gets no verdict, nor one within " +
                                    ratio_text(kDisturbedAllowance) + " where a side was disturbed."));
  add_readings(method, input);
  out.push_back(std::move(method));

  out.push_back(Heading{2, "Limits"});
  out.push_back(Bullets{{
      Text("The figures hold for this machine, these versions and these settings; another machine of the "
           "same model may differ."),
      Text("Inputs are random with a fixed seed unless weights were given: speed does not depend on them as "
           "a rule, the quality of a "
           "model's answers is not measured."),
      Text("Loading of weights, tokenisation, networking and scheduling of requests from many users are not "
           "part of any figure."),
      Text("Power and temperature are given only where the device reports them."),
  }});
}

}  // namespace assay
