#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# SPDX-License-Identifier: Apache-2.0
"""Finds people in pictures, with the detector that comes with OpenCV: histograms of oriented gradients and a support vector machine."""

import cv2
import numpy as np
from dora import Node

PERSON = 0

model = cv2.HOGDescriptor()
model.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())
node = Node()

for event in node:
    match event["type"]:
        case "INPUT":
            match event["id"]:
                case "image":
                    frame = np.frombuffer(event["data"], dtype="uint8")
                    frame = cv2.imdecode(frame, -1)
                    boxes, scores = model.detectMultiScale(frame, winStride=(8, 8), padding=(8, 8), scale=1.05)
                    # One row for each person: left, top, right, bottom, confidence, class.
                    rows = [[x, y, x + w, y + h, score, PERSON] for (x, y, w, h), score in zip(boxes, np.ravel(scores))]
                    arrays = np.array(rows, dtype="float32").tobytes()
                    node.send_output("bbox", arrays, event["metadata"])
                case other:
                    print("[object detection] ignoring unexpected input:", other)
        case "STOP":
            print("[object detection] received stop")
        case "ERROR":
            print("[object detection] error: ", event["error"])
        case "INPUT_CLOSED":
            print("[object detection] no more pictures")
        case other:
            print("[object detection] received unexpected event:", other)
