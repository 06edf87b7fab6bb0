// SPDX-License-Identifier: Apache-2.0
// The lanes of a case: one on the thread at hand, or several, each on a thread of its own that makes and uses
// all that belongs to it (a stream, a team of CPU threads, a session). What a device is asked for as a whole
// (probes, telemetry) stays with the thread at hand, while no lane works.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "device/backend.h"
#include "measure/session.h"

namespace assay {

/// Of its thread alone.
struct OneLane {
  int index = 0;
  std::unique_ptr<Lane> device, host;  // no host where the device feeds itself
  Sites sites;
  std::unique_ptr<Session> session;
};

class Lanes {
 public:
  /// `host` is the CPU that feeds `device`; it may be the same, and is not touched unless `with_host`.
  Lanes(OpenDevice& device, OpenDevice& host, bool with_host, int count);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  int count() const;
  /// On all lanes at once; returns when all are done. What the first lane throws, else the next, is thrown.
  void each(const std::function<void(OneLane&)>& work);
  /// On the first lane, while the others do nothing.
  void first(const std::function<void(OneLane&)>& work);
  /// All are closed, and others made: threads, streams and memory are not the same again.
  void renew();

 private:
  class Worker;
  class Here;
  class Thread;
  void open();
  OpenDevice& device_;
  OpenDevice& host_;
  const bool with_host_;
  const int count_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace assay
