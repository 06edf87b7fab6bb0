// SPDX-License-Identifier: Apache-2.0
// A libassay_cuda.so without a backend, which needs a library as the real one needs cuBLASLt.
#ifdef ASSAY_FAKE_NEEDED_LIBRARY
extern "C" [[gnu::visibility("default")]] int assay_needed_by_fake() {
  return 0;
}
#else
extern "C" int assay_needed_by_fake();
extern "C" [[gnu::visibility("default")]] const void* assay_backend() {
  static const int called = assay_needed_by_fake();
  return called == 0 ? nullptr : &called;
}
#endif
