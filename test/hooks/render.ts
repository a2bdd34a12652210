import { createRoot, hydrateRoot } from 'react-dom/client';
import { act } from 'react';
