// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/lt_context.h"

#include <string>
#include <string_view>

namespace assay {

void throw_cublas_error(cublasStatus_t status, const char* expression, const char* file, int line) {
  std::string_view where = file;
  where = where.substr(where.rfind('/') + 1);
  throw Error(
      ExitCode::device_failed,
      std::string("cuBLASLt: ") + cublasLtGetStatusString(status) + " (" + cublasLtGetStatusName(status) +
          ") in " + expression + " at " + std::string(where) + ":" + std::to_string(line),
      "CUBLASLT_LOG_LEVEL=2 makes the library say more; --kernel matmul=skinny goes around it where m <= 16");
}

LtContext::LtContext(Buffer workspace) : workspace_(workspace) {
  ASSAY_CUBLAS(cublasLtCreate(handle_.out()));
}

}  // namespace assay
