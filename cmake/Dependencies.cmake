# Third-party libraries, each as one imported target that only its adapter links.
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls)
pkg_check_modules(NGTCP2 REQUIRED IMPORTED_TARGET libngtcp2 libngtcp2_crypto_gnutls)
pkg_check_modules(CBC REQUIRED IMPORTED_TARGET cbc)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs videoio)
if(TURBO_TESTS)
  find_package(GTest REQUIRED)
endif()

# ONNX Runtime: what ./dev setup unpacked, or any other build (a GPU one, say) by these two variables.
set(TURBO_ONNXRUNTIME_INCLUDE "${TURBO_CACHE_DIR}/onnxruntime/include" CACHE PATH "Folder of onnxruntime_cxx_api.h")
set(TURBO_ONNXRUNTIME_LIBRARY "${TURBO_CACHE_DIR}/onnxruntime/lib/libonnxruntime.so.1" CACHE FILEPATH "libonnxruntime.so")
if(NOT EXISTS "${TURBO_ONNXRUNTIME_LIBRARY}")
  message(FATAL_ERROR "no ONNX Runtime at ${TURBO_ONNXRUNTIME_LIBRARY}: run ./dev setup, or set TURBO_ONNXRUNTIME_LIBRARY and TURBO_ONNXRUNTIME_INCLUDE")
endif()
add_library(turbo_onnxruntime SHARED IMPORTED)
set_target_properties(turbo_onnxruntime PROPERTIES
  IMPORTED_LOCATION "${TURBO_ONNXRUNTIME_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${TURBO_ONNXRUNTIME_INCLUDE}")

# DuckDB, likewise: the library and the header of its C interface.
set(TURBO_DUCKDB_INCLUDE "${TURBO_CACHE_DIR}/duckdb/include" CACHE PATH "Folder of duckdb.h")
set(TURBO_DUCKDB_LIBRARY "${TURBO_CACHE_DIR}/duckdb/lib/libduckdb.so" CACHE FILEPATH "libduckdb.so")
if(NOT EXISTS "${TURBO_DUCKDB_LIBRARY}")
  message(FATAL_ERROR "no DuckDB at ${TURBO_DUCKDB_LIBRARY}: run ./dev setup, or set TURBO_DUCKDB_LIBRARY and TURBO_DUCKDB_INCLUDE")
endif()
add_library(turbo_duckdb SHARED IMPORTED)
set_target_properties(turbo_duckdb PROPERTIES
  IMPORTED_LOCATION "${TURBO_DUCKDB_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${TURBO_DUCKDB_INCLUDE}")
