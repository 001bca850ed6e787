// SPDX-License-Identifier: Apache-2.0
// A Python extension that crashes.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *segv(PyObject *self, PyObject *arguments)
{
    volatile int *volatile nowhere = NULL;
    (void)self, (void)arguments;
    *nowhere = 1;
    Py_RETURN_NONE;
}

static PyObject *aborts(PyObject *self, PyObject *arguments)
{
    (void)self, (void)arguments;
    abort();
}

static PyMethodDef functions[] = {{"segv", segv, METH_NOARGS, NULL}, {"abort", aborts, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "crash_extension", .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit_crash_extension(void)
{
    return PyModule_Create(&module);
}
