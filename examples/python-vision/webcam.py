#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# SPDX-License-Identifier: Apache-2.0
"""Sends a picture at each tick: of the webcam CAMERA_INDEX, or of the video in ../vision while that is not set."""

import os
from pathlib import Path

import cv2
import numpy as np
from dora import Node
from PIL import Image, ImageSequence

VIDEO = Path(__file__).parent / "../vision/media/street.webp"
FRAMES = int(os.environ.get("CAMERA_FRAMES", "80"))


def pictures():
    """The pictures to send, as OpenCV has them: blue, green, red."""
    if "CAMERA_INDEX" in os.environ:
        video_capture = cv2.VideoCapture(int(os.environ["CAMERA_INDEX"]))
        while True:
            ret, frame = video_capture.read()
            if not ret:
                break
            yield frame
        video_capture.release()
    else:
        with Image.open(VIDEO) as video:
            for frame in ImageSequence.Iterator(video):
                yield cv2.cvtColor(np.asarray(frame.convert("RGB")), cv2.COLOR_RGB2BGR)


node = Node()
frames = pictures()
sent = 0
while sent < FRAMES:
    # Wait next dora_input
    event = node.next()
    if event is None:
        break
    match event["type"]:
        case "INPUT":
            frame = next(frames, None)
            if frame is None:
                break
            node.send_output("image", cv2.imencode(".jpg", frame)[1].tobytes(), event["metadata"])
            sent += 1
        case "STOP":
            print("received stop")
            break
        case other:
            print("received unexpected event:", other)
            break
