// A program that is never built: the tests of descriptors look whether it is there.
