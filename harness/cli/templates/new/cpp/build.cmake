# Configures and builds, in a folder outside of the sources:
#   cmake -DINTO=FOLDER -P build.cmake
cmake_minimum_required(VERSION 3.20)

if(NOT INTO)
  message(FATAL_ERROR "INTO is not set: cmake -DINTO=FOLDER -P build.cmake")
endif()
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${INTO} -DCMAKE_BUILD_TYPE=Release
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${INTO} --parallel COMMAND_ERROR_IS_FATAL ANY)
