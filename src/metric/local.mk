# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libmetric.a
libmetric_a_SOURCES = \
	src/metric/label_names.h \
	src/metric/labels.c src/metric/labels.h \
	src/metric/metric.c src/metric/metric.h \
	src/metric/process.c src/metric/process.h
